// Repeated records: lists, tables, cards, rows with headings between them.
//
// How a page is read, each step in its own file:
//   1. `Listing.Page`      the visible page as elements and text runs, its tables laid on grids
//   2. `Listing.Families`  candidate families: lists of sibling or cousin parts that may be the records
//   3. `Listing.Cells`     every value a record holds, under a key that equal places of other records share
//   4. `Listing.Columns`   equal keys over a sample of records
//   5. `Listing.Pairs`     features of (field, column) pairs; boosted trees and printed labels score them
//   6. `Listing.Standing`  features of a family with its assignment; boosted trees choose the family
//   7. `Listing.Items`     the single values of a field that is a list
//   8. `ListingReader`     records of the chosen family, with the place of every cell
//
// Texts, labels, words, signatures and keys are interned integers, and all text is ranges of one array of Unicode scalars, because a
// page has some 7,000 cells and each is looked at by every pattern once.

/// Namespace of the parts above.
enum Listing {
    /// An element of `Page` (`>= 0`) or a run of text (`~index`).
    typealias Item = Int32

    /// Limits that keep a hostile or huge page from taking the machine; reaching one is said in `ListingResult.truncated`.
    enum Limit {
        /// Elements of a page that are looked at.
        static let elements = 400_000
        /// Nesting below which elements are not told apart any more; their text belongs to the element at this depth.
        static let depth = 180
        static let records = 50_000
        static let families = 50
        /// Records of a family whose cells are compared.
        static let sample = 20
        static let cellsPerRecord = 220
        static let columns = 120
    }
}
