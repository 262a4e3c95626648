"""Every fault that `proofs` is to find, made up, and what is none beside it. usage: python3 -B proofs_test.py"""
import json, unittest
import proofs, website

SITE = website.Website(100, 2, 80)
JUDGE = proofs.Judge(SITE)
ITEM, OTHER = "crawl0.test/item/1", "crawl0.test/item/2"


def request(at, target="/item/1", kind="page", host="crawl0.test"): return proofs.Request(at, host, target, kind, host + target)


def visit(target="/item/1", final=None, state=proofs.COMPLETED): return proofs.Visit(f"http://crawl0.test:80{target}", final or "", state)


def record(target="/item/1", n=1, **changed):
    name, price = SITE.goods(0, n)
    return json.dumps({"name": name, "price": {"amount": price, "currency": "EUR"}, "_url": f"http://crawl0.test:80{target}", **changed})


class Log(unittest.TestCase):
    def test_a_line_that_is_still_being_written_is_left_out(self):
        self.assertEqual(proofs.requests("1\ta\t/\tpage\ta/\n2\ta\t/x"), [proofs.Request(1, "a", "/", "page", "a/")])

    def test_a_page_asked_for_twice_is_found_however_it_was_spelled(self):
        other = request(2, "/item/1?utm_source=x")._replace(name=ITEM)
        self.assertEqual(proofs.again([request(1), other, request(3, "/item/2")]), {ITEM: 1})

    def test_traps_and_robots_are_no_pages(self):
        self.assertEqual(proofs.again([request(n, kind=kind) for n, kind in enumerate(["trap", "trap", "robots", "robots"])]), {})

    def test_one_more_request_is_excused_for_each_kill_that_it_was_under_way_at(self):
        log = [request(n) for n in range(4)]
        self.assertEqual(proofs.again(log, [ITEM]), {ITEM: 2})
        self.assertEqual(proofs.again(log, [ITEM, ITEM, ITEM]), {})

    def test_what_a_redirect_led_to_is_counted_apart_and_once(self):
        log = [request(1), request(2, "/moved/1", "redirect"), request(3)]
        self.assertEqual((proofs.redirected(log), proofs.again(log)), ({ITEM: 1}, {}))
        self.assertEqual(proofs.again([*log, request(4)]), {ITEM: 1})

    def test_a_page_that_only_a_redirect_leads_to_is_asked_for_once(self):
        self.assertEqual(proofs.redirected([request(1, "/old/1", "redirect"), request(2, "/fresh/1")]), {})

    def test_a_final_page_asked_for_after_a_kill_is_found(self):
        log = [request(1), request(5), request(6, "/item/2")]
        self.assertEqual(proofs.after(log, 3, {ITEM}), {ITEM})
        self.assertEqual(proofs.after(log, 5, {ITEM}), set())

    def test_the_order_is_that_of_all_requests_but_those_for_robots(self):
        log = [request(1, "/robots.txt", "robots"), request(2), request(3, "/", host="crawl1.test"), request(4, "/item/2")]
        self.assertEqual(proofs.order(log), [ITEM, "crawl1.test/", OTHER])
        self.assertEqual(proofs.by_host(proofs.order(log)), {"crawl0.test": [ITEM, OTHER], "crawl1.test": ["crawl1.test/"]})


class Stored(unittest.TestCase):
    def test_only_visits_that_came_are_completed(self):
        pages, others = JUDGE.completed([visit(), visit("/item/2", state=5), visit("/list", state=4), visit("/about", state=0)])
        self.assertEqual((dict(pages), dict(others)), ({ITEM: 1}, {}))

    def test_a_page_is_known_by_any_of_its_addresses(self):
        targets = ["/item/1?utm_source=x#reviews", "/item/1;jsessionid=AB12", "/item/copy-1", "/item/1?view=print"]
        self.assertEqual(dict(JUDGE.completed([visit(target) for target in targets])[0]), {ITEM: 4})
        self.assertEqual(dict(JUDGE.completed([visit("/caf%C3%A9"), visit("/café")])[0]), {"crawl0.test/café": 2})

    def test_a_page_is_where_its_redirect_led(self):
        self.assertEqual(dict(JUDGE.completed([visit("/moved/1", "http://crawl0.test:80/item/1")])[0]), {ITEM: 1})

    def test_what_is_no_page_is_told_apart(self):
        away = visit("/away/1", "http://elsewhere.test:80/landing")
        _, others = JUDGE.completed([visit("/gone/1"), visit("/private/secret-1"), visit("/none"), away])
        self.assertEqual({kind for kind, _ in others}, {"trap", "disallowed", "other", "outside"})

    def test_final_is_what_ended_whatever_way(self):
        others = [visit("/moved/3", "http://crawl0.test:80/item/3"), visit("/item/copy-4"), visit("/item/5?view=print")]
        self.assertEqual(JUDGE.final([visit(), visit("/item/2", state=5), visit("/list", state=0), *others]), {ITEM, OTHER})

    def test_records_that_are_missing_there_twice_or_wrong_are_found(self):
        missing, twice, wrong = JUDGE.records([record(), record("/item/2", 2), record("/item/copy-2", 2), record("/item/3", 4)])
        self.assertEqual((len(missing), twice, wrong), (len(SITE.items()) - 3, [OTHER], ["crawl0.test/item/3"]))

    def test_a_record_with_a_wrong_value_or_without_one_is_wrong(self):
        lines = [record(name="else"), record("/item/2", 2, price=None), record("/about")]
        self.assertEqual(JUDGE.records(lines)[2], ["crawl0.test/about", ITEM, OTHER])


class Memory(unittest.TestCase):
    def test_growth_is_the_last_quarter_by_the_second(self):
        self.assertEqual(proofs.growth([1000] * 5 + [100] * 5 + [500] * 5 + [150] * 5), 1.5)
        self.assertIsNone(proofs.growth([100] * 19))


class Site(unittest.TestCase):
    def test_a_site_has_as_many_pages_as_it_should_and_each_answers_as_itself(self):
        for pages, hosts in [(100, 2), (333, 6), (1000, 5)]:
            site = website.Website(pages, hosts, 80)
            self.assertEqual(len(site.names()), pages)
            self.assertTrue(all(proofs.Judge(site).name(f"http://{name.replace('/', ':80/', 1)}") == ("page", name) for name in site.names()))

    def test_no_two_pages_have_the_same_text(self):
        texts = {SITE.respond(*name.replace("/", " /", 1).split(" ", 1)).body for name in SITE.names()}
        self.assertEqual(len(texts), 100)


if __name__ == "__main__": unittest.main()
