//! CSV as the portal writes it, wherever it does: with the mark of its encoding, every cell in quotes, and no cell that a spreadsheet would
//! take for a formula, whatever it takes for a separator.

use std::io::Write;

use super::table::guarded;

/// Tells spreadsheets that the file is UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A CSV file in progress.
pub struct CsvFile<W: Write>(csv::Writer<W>);

impl<W: Write> CsvFile<W> {
    /// Begins a file with the names of its columns.
    ///
    /// # Errors
    /// The disk's.
    pub fn begin<'a>(mut out: W, header: impl IntoIterator<Item = &'a str>) -> Result<Self, csv::Error> {
        out.write_all(BYTE_ORDER_MARK.as_bytes())?;
        let writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .quote_style(csv::QuoteStyle::Always)
            .from_writer(out);
        let mut file = CsvFile(writer);
        file.row(header)?;
        Ok(file)
    }

    /// Writes one row, guarded.
    ///
    /// # Errors
    /// The disk's, and for a row that has not as many cells as the first.
    pub fn row(&mut self, cells: impl IntoIterator<Item = impl AsRef<str>>) -> Result<(), csv::Error> {
        self.0.write_record(cells.into_iter().map(|cell| guarded(cell.as_ref())))
    }

    /// Writes what is left, and gives back what was written to.
    ///
    /// # Errors
    /// The disk's.
    pub fn finish(self) -> Result<W, csv::Error> {
        let written = self.0.into_inner();
        written.map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
    }
}
