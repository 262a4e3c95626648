"""Every fault that `checks` is to find, made up, and what is none beside it. usage: python3 -B checks_test.py"""
import unittest
import checks, shop

SECOND = 10**9
DATA = [(0, 0), (0, 1), (1, 0), (1, 1)]  # Places.


def request(seconds, place=(0, 0), kind="document", path="p"):
    at = round(seconds * SECOND)
    return checks.Request(at, at + 1000 * SECOND, "GET", f"chaos{place[0]}.test", f"/{path}/{place[1]}", kind)


def visit(place=(0, 0), state=checks.COMPLETED, finished=1002.0):
    return checks.Visit(shop.address(*place, 80), state, round(finished * 1e6) if state else None)


def records(*places): return [(shop.address(*place, 80), f'{{"name": "Jar {key}"}}') for place in places for key in sorted(shop.keys(*place))]


class Log(unittest.TestCase):
    def test_a_line_that_is_still_being_written_is_left_out(self):
        text = "1\t2\tGET\tchaos0.test\t/p/0\tdocument\n3\t4\tGE"
        self.assertEqual(checks.requests(text), [checks.Request(1, 2, "GET", "chaos0.test", "/p/0", "document")])

    def test_documents_of_one_host_closer_than_the_floor_are_early(self):
        log = [request(1), request(1.699, (0, 1)), request(2.4, (0, 2))]
        self.assertEqual(checks.early(log, 0.7), [(log[0], log[1])])

    def test_parts_robots_and_other_hosts_are_not_early(self):
        log = [request(1), request(1.1, kind="part", path="data"), request(1.2, kind="robots"), request(1.3, (1, 0)), request(1.7, (0, 1))]
        self.assertEqual(checks.early(log, 0.7), [])

    def test_the_same_document_again_is_early_too(self):
        self.assertEqual(len(checks.early([request(1), request(1.5)], 0.7)), 1)

    def test_rendered_are_places_whose_data_was_asked_for(self):
        self.assertEqual(checks.rendered([request(1), request(2, (1, 3), "part", "data")]), {(1, 3)})


class Final(unittest.TestCase):
    def setUp(self): self.witness = checks.Witness()

    def test_a_document_asked_for_before_its_visit_was_final_is_no_double(self):
        self.witness.look([visit(), visit((0, 1), checks.OPEN)], {3: 1, 0: 1})
        self.assertEqual(self.witness.asked_again([request(1), request(1.9), request(5, (0, 1))]), set())

    def test_a_document_asked_for_after_its_visit_was_final_is_a_double(self):
        self.witness.look([visit()], {3: 1})
        self.assertEqual(self.witness.asked_again([request(1), request(2.1)]), {(0, 0)})

    def test_a_visit_that_became_final_twice_counts_from_the_first_time(self):
        self.witness.look([visit()], {3: 1})
        self.witness.look([visit(finished=1009)], {3: 1})
        self.assertEqual(self.witness.asked_again([request(3)]), {(0, 0)})
        self.assertEqual(self.witness.rewritten, {(0, 0)})

    def test_a_final_visit_that_is_open_again_is_written_again(self):
        self.witness.look([visit()], {3: 1})
        self.witness.look([visit(state=checks.OPEN)], {0: 1})
        self.assertEqual(self.witness.rewritten, {(0, 0)})

    def test_tallies_that_differ_from_the_rows_are_counted_each_time(self):
        rows = [visit(), visit((0, 1), checks.OPEN)]
        self.witness.look(rows, {3: 1, 0: 1})
        self.assertEqual(self.witness.miscounted, [])
        self.witness.look(rows, {3: 2, 0: 1})
        self.witness.look(rows, {3: 1})
        self.witness.look(rows, {3: 1, 0: 1, 4: 1})
        self.assertEqual(len(self.witness.miscounted), 3)


class Stored(unittest.TestCase):
    def setUp(self): self.log = [request(n, place) for n, place in enumerate(DATA)]

    def test_a_whole_run_has_nothing_lost_and_nothing_twice(self):
        visits = [visit(place) for place in DATA]
        self.assertEqual(checks.twice(visits, records(*DATA)), set())
        self.assertEqual(checks.lost(DATA, visits, records(*DATA), self.log), set())

    def test_two_visits_of_one_address(self):
        self.assertEqual(checks.twice([visit(), visit()], records((0, 0))), {(0, 0)})

    def test_a_record_that_is_there_twice(self):
        self.assertEqual(checks.twice([visit((0, 1))], records((0, 1)) + records((0, 1))[:1]), {(0, 1)})

    def test_a_record_of_another_page(self):
        wrong = [(shop.address(0, 1, 80), records((1, 0))[0][1])]
        self.assertEqual(checks.twice([visit((0, 1))], records((0, 1)) + wrong), {(0, 1)})

    def test_visits_that_are_open_or_not_there_are_lost(self):
        visits = [visit((0, 0)), visit((0, 1), checks.OPEN), visit((1, 0))]
        self.assertEqual(checks.lost(DATA, visits, records((0, 0), (1, 0)), self.log), {(0, 1), (1, 1)})

    def test_a_completed_visit_without_a_record_of_its_page_is_lost(self):
        visits = [visit(place) for place in DATA]
        self.assertEqual(checks.lost(DATA, visits, records(*DATA)[:-1], self.log), {(1, 1)})

    def test_a_completed_visit_that_nobody_asked_for_is_lost(self):
        visits = [visit(place) for place in DATA]
        self.assertEqual(checks.lost(DATA, visits, records(*DATA), self.log[1:]), {(0, 0)})

    def test_a_failed_visit_is_final_and_needs_no_records(self):
        self.assertEqual(checks.lost([(0, 0)], [visit(state=4)], [], []), set())


if __name__ == "__main__": unittest.main()
