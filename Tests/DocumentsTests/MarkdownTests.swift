import Testing

@testable import Documents

@Suite struct MarkdownTests {
    /// Each kind of element by a case.
    @Test(arguments: [
        ("<h1>A  title</h1><p>One<p>Two", "# A title\n\nOne\n\nTwo\n"),
        ("<h2>a <em>b</em></h2>text<h3><b>c</b></h3>", "## a *b*\n\ntext\n\n### c\n"),
        ("a <b>bold </b>and <i> it</i>, <code>x*y</code> <del>z</del>", "a **bold** and *it*, `x*y` ~~z~~\n"),
        ("<b></b>x<i> </i>y", "x y\n"),
        ("<a href='/x?a=(1)'>link</a> <a href=''>self</a> <a>none</a>",
         "[link](http://example.test/x?a=%281%29) [self](http://example.test/) none\n"),
        ("<a href=/c><h3>Card</h3><p>More</p></a>", "### [Card](http://example.test/c)\n\nMore\n"),
        ("<p><img src=a.png alt='A [b]'><img src=b.png>", "![A \\[b\\]](http://example.test/a.png)\n"),
        ("<a href=x><img src=a.png alt=A></a>", "[![A](http://example.test/a.png)](http://example.test/x)\n"),
        ("<ul><li>a<li>b<ul><li>c</ul><li>d</ul>e", "- a\n- b\n  - c\n- d\n\ne\n"),
        ("<ol start=3><li>a<li>b</ol>", "3. a\n4. b\n"),
        ("<ul><li><p>a</p><p>b</p><li>c</ul>", "- a\n\n  b\n- c\n"),
        ("<blockquote><p>a</p><p>b</p></blockquote>c", "> a\n>\n> b\n\nc\n"),
        ("<blockquote><ul><li>a<li>b</ul></blockquote>", "> - a\n> - b\n"),
        ("a<br>b<br>", "a\\\nb\n"),
        ("a<hr>b", "a\n\n---\n\nb\n"),
        ("<pre>x\n  y *z*\n</pre>", "```\nx\n  y *z*\n```\n"),
        ("<pre>a ``` b</pre>", "````\na ``` b\n````\n"),
        ("<ul><li>a<pre>x\ny</pre></ul>", "- a\n\n  ```\n  x\n  y\n  ```\n"),
        ("<table><tr><th>A<th>B<tr><td>1|2<td><p>x</p><p>y</p><tr><td>3</table>",
         "| A | B |\n| --- | --- |\n| 1\\|2 | x y |\n| 3 |  |\n"),
        ("<table><tr><th>A<th>B<th>C<tr><td rowspan=2>1<td>2<td>3<tr><td>4<td>5<tr><td>6<td>7<td>8</table>",
         "| A | B | C |\n| --- | --- | --- |\n| 1 | 2 | 3 |\n|  | 4 | 5 |\n| 6 | 7 | 8 |\n"),
        ("<table><tr><th colspan=2>A<th>B<tr><td>1<td rowspan=9>2<td>3<tr><td>4<td>5</table>",
         "| A |  | B |\n| --- | --- | --- |\n| 1 | 2 | 3 |\n| 4 |  | 5 |\n"),
        ("<table><caption>Cap</caption><tr><td>a<td><a href=x>b</a><tr><td>c<td>d</table>",
         "Cap\n\n| a | [b](http://example.test/x) |\n| --- | --- |\n| c | d |\n"),
        ("<table><tr><td><table><tr><td>in<td>ner</table></table>", "in ner\n"),
        ("<table><tr><td>a</td></tr><tr><td>b</td></tr></table>", "a\n\nb\n"),
        ("<dl><dt>Term<dd>Meaning<dt>T2<dd>M2</dl>", "Term\n\n  Meaning\n\nT2\n\n  M2\n"),
        ("<p># no heading<p>- no item<p>1. no item<p>+1<p>&gt; q", "\\# no heading\n\n\\- no item\n\n1\\. no item\n\n+1\n\n\\> q\n"),
        ("a_b *c* [d] `e` &lt;f&gt;", "a\\_b \\*c\\* \\[d\\] \\`e\\` \\<f>\n"),
        ("<p hidden>no</p><script>no</script><p style='display:none'>no</p>yes", "yes\n"),
        ("<b>x<div>y</div></b>", "**x**\n\ny\n"),
        ("", ""),
    ])
    func elements(html: String, expected: String) {
        #expect(Document(html: html, url: "http://example.test/").markdown == expected)
    }

    /// Headings make the outline, with their level and place.
    @Test func outline() {
        let page = Document(html: "<title> The\n page </title><h1>A</h1><h2 hidden>B</h2><h2> C <b>d</b></h2><h3></h3>", url: "u")
        #expect(page.outline.headings.map(\.text) == ["A", "C d"])
        #expect(page.outline.headings.map(\.level) == [1, 2])
        #expect(page.title == "The page")
    }

    /// Any nesting is written without a crash.
    @Test(arguments: ["<ul><li>", "<blockquote>", "<b>", "<table><tr><td>", "<a href=x><div>"])
    func deep(tags: String) {
        let page = Document(html: String(repeating: tags, count: 400) + "deep", url: "http://example.test/")
        #expect(page.markdown.contains("deep"))
    }
}
