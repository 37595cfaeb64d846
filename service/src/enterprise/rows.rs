//! Rows of texts close together: one text, and where in it each cell is. A list of 100,000 companies has more than a
//! million cells, and as texts of their own they take several times the file.

/// One row that is not blank. Empty cells at its end are left out, so it may be shorter than the header, and it may be longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableRow {
    /// 1-based. Workbook: the row as Excel numbers it. CSV and JSON lines: the line on which the row begins.
    pub number: u32,
    pub cells: Vec<String>,
}

/// Bytes of a text. A file's texts together have at most 512 MiB.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    begin: u32,
    end: u32,
}

/// A text that pieces are added to.
#[derive(Clone, Debug, Default)]
struct Text(String);

impl Text {
    /// None when there is no room: a text of 4 GiB.
    fn add(&mut self, piece: &str) -> Option<Place> {
        let begin = u32::try_from(self.0.len()).ok()?;
        let end = begin.checked_add(u32::try_from(piece.len()).ok()?)?;
        self.0.push_str(piece);
        Some(Place { begin, end })
    }

    fn at(&self, place: Place) -> &str {
        self.0
            .get(index(place.begin)..index(place.end))
            .unwrap_or_default()
    }
}

/// Rows in their order.
#[derive(Clone, Debug, Default)]
pub struct TableRows {
    text: Text,
    cells: Vec<Place>,
    /// Each row's number and its last cell's place in `cells`, exclusive.
    rows: Vec<(u32, u32)>,
}

impl TableRows {
    pub(super) fn push<'a>(&mut self, number: u32, cells: impl IntoIterator<Item = &'a str>) {
        for cell in cells {
            let place = self.text.add(cell).unwrap_or_default();
            self.cells.push(place);
        }
        self.end_row(number);
    }

    fn end_row(&mut self, number: u32) {
        let end = u32::try_from(self.cells.len()).unwrap_or(u32::MAX);
        self.rows.push((number, end));
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn places(&self, row: usize) -> &[Place] {
        let before = row.checked_sub(1).and_then(|before| self.rows.get(before));
        let begin = before.map_or(0, |(_, end)| index(*end));
        let end = self.rows.get(row).map_or(begin, |(_, end)| index(*end));
        self.cells.get(begin..end).unwrap_or_default()
    }

    /// The number of the row at an index, 0-based.
    pub(super) fn number(&self, row: usize) -> Option<u32> {
        self.rows.get(row).map(|(number, _)| *number)
    }

    /// The cells of the row at an index, 0-based.
    pub(super) fn cells(&self, row: usize) -> impl Iterator<Item = &str> {
        self.places(row).iter().map(|place| self.text.at(*place))
    }

    /// The cells of a column from the first row on, of those rows that are long enough.
    pub(super) fn column(&self, column: usize) -> impl Iterator<Item = &str> {
        (0..self.len())
            .filter_map(move |row| self.places(row).get(column))
            .map(|place| self.text.at(*place))
    }

    /// The row at an index, 0-based, with texts of its own.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<TableRow> {
        Some(TableRow {
            number: self.number(row)?,
            cells: self.cells(row).map(str::to_owned).collect(),
        })
    }

    /// All rows, each with texts of its own once it is reached.
    pub fn iter(&self) -> impl Iterator<Item = TableRow> {
        (0..self.len()).filter_map(|row| self.get(row))
    }

    /// Takes away the rows before an index.
    pub(super) fn remove_before(&mut self, row: usize) {
        let row = row.min(self.len());
        let begin = row
            .checked_sub(1)
            .and_then(|before| self.rows.get(before))
            .map_or(0, |(_, end)| *end);
        self.rows.drain(..row);
        self.cells.drain(..index(begin));
        for (_, end) in &mut self.rows {
            *end -= begin;
        }
    }

    /// Gives back the memory kept for more rows.
    pub(super) fn shrink(&mut self) {
        self.text.0.shrink_to_fit();
        self.cells.shrink_to_fit();
        self.rows.shrink_to_fit();
    }
}

/// Rows are equal by what they say, wherever in the text it stands.
impl PartialEq for TableRows {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

/// Cells of a worksheet in the order in which the file has them.
#[derive(Debug, Default)]
pub(super) struct SheetCells {
    text: Text,
    /// Row as Excel numbers it, column from 0.
    cells: Vec<(u32, u32, Place)>,
}

impl SheetCells {
    /// Of a cell that comes twice the second text counts.
    pub(super) fn push(&mut self, row: u32, column: u32, text: &str) {
        let place = self.text.add(text).unwrap_or_default();
        self.cells.push((row, column, place));
    }

    /// Rows in the order of their numbers. Before a row is made its width in cells is asked about.
    ///
    /// # Errors
    /// What `allow` answers.
    pub(super) fn into_rows<E>(
        mut self,
        mut allow: impl FnMut(u32) -> Result<(), E>,
    ) -> Result<TableRows, E> {
        // Nothing makes a file keep to the order, though nearly all do. The sort is stable.
        if !self
            .cells
            .is_sorted_by_key(|(row, column, _)| (row, column))
        {
            self.cells.sort_by_key(|(row, column, _)| (*row, *column));
        }
        let mut rows = TableRows {
            text: self.text,
            ..TableRows::default()
        };
        for cells in self.cells.chunk_by(|one, other| one.0 == other.0) {
            let Some((number, last, _)) = cells.last() else {
                continue;
            };
            allow(last.saturating_add(1))?;
            let begin = rows.cells.len();
            let width = index(*last).saturating_add(1);
            rows.cells.resize(begin + width, Place::default());
            for (_, column, place) in cells {
                if let Some(cell) = rows.cells.get_mut(begin + index(*column)) {
                    *cell = *place;
                }
            }
            rows.end_row(*number);
        }
        Ok(rows)
    }
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rows_come_out_as_they_went_in(
            rows in prop::collection::vec(prop::collection::vec("[a-z长沙]{0,4}", 0..5), 0..20),
            first in 0_usize..25,
        ) {
            let mut kept = TableRows::default();
            for (number, cells) in (1..).zip(&rows) {
                kept.push(number, cells.iter().map(String::as_str));
            }
            let whole: Vec<TableRow> = (1..)
                .zip(rows)
                .map(|(number, cells)| TableRow { number, cells })
                .collect();
            prop_assert_eq!(kept.len(), whole.len());
            prop_assert_eq!(kept.iter().collect::<Vec<_>>(), whole.clone());
            kept.remove_before(first);
            kept.shrink();
            let rest = whole.get(first..).unwrap_or_default();
            prop_assert_eq!(kept.iter().collect::<Vec<_>>(), rest);
        }

        /// The same cells in any order are the same rows; the last of two in one place counts.
        #[test]
        fn cells_find_their_rows(
            cells in prop::collection::vec((1_u32..9, 0_u32..9, "[a-z]{1,3}"), 0..60),
        ) {
            let mut scattered = SheetCells::default();
            let mut expected: std::collections::BTreeMap<u32, Vec<String>> = Default::default();
            for (row, column, text) in &cells {
                scattered.push(*row, *column, text);
                let row = expected.entry(*row).or_default();
                let place = usize::try_from(*column).unwrap();
                row.resize(row.len().max(place + 1), String::new());
                row[place].clone_from(text);
            }
            let rows = scattered.into_rows(|_| Ok::<_, ()>(())).unwrap();
            let expected: Vec<TableRow> = expected
                .into_iter()
                .map(|(number, cells)| TableRow { number, cells })
                .collect();
            prop_assert_eq!(rows.iter().collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn a_row_that_is_not_allowed_is_not_made() {
        let mut cells = SheetCells::default();
        cells.push(1, 0, "a");
        cells.push(2, 4_000_000_000, "b");
        let allow = |width| if width < 10 { Ok(()) } else { Err(width) };
        assert_eq!(cells.into_rows(allow).err(), Some(4_000_000_001));
    }
}
