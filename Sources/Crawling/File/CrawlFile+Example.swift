extension CrawlFile {
    /// A file that shows every key, for somebody who writes the first one.
    package static let example = """
        # A crawl: where it starts, how far it goes, what is taken from its pages. Only start is needed.
        # ${NAME} in a text is filled in from the environment; $$ is a dollar. Write texts with * or # or ": " in quotes.

        name: example-jobs              # runs of the same name are compared with each other
        start: https://example.org/jobs # or a list
        scope: host                     # page, prefix, host, domain or any
        include: ["/jobs/**"]           # * within a part of the path, ** anything
        exclude: ["**/print"]
        depth: 5                        # links from a start; without it there is no limit
        sitemaps: include               # include, only or skip
        nofollow: obey                  # obey or ignore links with rel=nofollow
        seed: 1                         # of the order of pages
        recrawl: all                    # changed: only pages that changed since the last run of this name

        # The first that is reached ends the run.
        limits:
          pages: 500
          errors: 50                    # pages that failed
          bytes: 2GB
          time: 2h
          browser: 30m                  # pages open, added up
          tokens: 100000                # read and written by models

        # The first entry whose urls match a page counts; one without urls is for all pages.
        extract:
          - urls: /jobs/*
            prompt: every job title with its city
          - urls: ["/about", "/team/**"]
            fields: "name, role, email:email"
            many: true                  # many records a page; false: one
          - urls: /api/**
            schema: job.schema.json     # beside this file
          - urls: /static/**
            skip: true                  # visited for its links only

        page:
          wait-for: "#list"             # a CSS selector
          actions: [click "#more", scroll-to-end]
          timeout: 45s
          render: auto                  # in a browser: always, never, or auto (until pages say the same without one)
          proxy: dc                     # an address, or the name of a pool
          model: qwen
          resolve: ["a.test:127.0.0.1"]
          allow-address: ["10.0.0.0/8:8000-8999"]
          block-hosts: [ads.example]    # not asked, nor any host below
          bytes: 50MB                   # that a page may load in all

        output:
          file: jobs.ndjson
          format: ndjson                # ndjson, csv, json or sqlite; without it by the file's ending
          evidence: false               # each value with the place it was read from

        # After a run of the same name.
        on-change:
          when: ["new>0", "price:changed>=5"]
          webhook: https://example.org/hook
          secret-env: HOOK_SECRET       # the variable that holds the webhook's secret
          command: ["./notify", "--short"]

        """
}
