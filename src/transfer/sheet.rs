//! Where an export writes its rows: a CSV file or a spreadsheet.

use std::io::{Seek, Write};

use rust_xlsxwriter::{Format as CellFormat, Workbook, XlsxError};

use super::table::guarded;

/// Rows that one sheet of a workbook can hold.
const ROWS_IN_A_SHEET: u32 = 1_048_576;

/// The kind of file to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text, separated by commas.
    Csv,
    /// A spreadsheet.
    Xlsx,
}

impl Format {
    /// The format of a word such as csv, if there is one.
    pub fn from_code(code: &str) -> Option<Format> {
        match code {
            "csv" => Some(Format::Csv),
            "xlsx" => Some(Format::Xlsx),
            _ => None,
        }
    }
}

/// Why an export could not be written.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// The disk refused.
    #[error("{0}")]
    Disk(#[from] std::io::Error),
    /// The CSV writer refused.
    #[error("{0}")]
    Csv(#[from] csv::Error),
    /// The spreadsheet could not be made.
    #[error("{0}")]
    Xlsx(#[from] XlsxError),
}

/// A file that takes rows one after the other.
pub(super) enum Sheet<W: Write + Seek + Send> {
    Csv(Box<csv::Writer<W>>),
    Xlsx(Box<Book<W>>),
}

/// A workbook in progress. Rows go to a temporary file, so that two million of them need no memory.
pub(super) struct Book<W> {
    workbook: Workbook,
    sheet: usize,
    next_row: u32,
    header: Vec<String>,
    out: W,
}

impl<W: Write + Seek + Send> Sheet<W> {
    /// Begins a file with its header.
    pub(super) fn begin(format: Format, out: W, header: &[&str]) -> Result<Self, SheetError> {
        match format {
            Format::Csv => {
                let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
                writer.write_record(header)?;
                Ok(Sheet::Csv(Box::new(writer)))
            }
            Format::Xlsx => {
                let mut workbook = Workbook::new();
                workbook.add_worksheet_with_constant_memory()?;
                let header = header.iter().map(|name| (*name).to_owned()).collect();
                let mut book = Book { workbook, sheet: 0, next_row: 0, header, out };
                book.write_header()?;
                Ok(Sheet::Xlsx(Box::new(book)))
            }
        }
    }

    /// Writes one row. In CSV, what a spreadsheet would take for a formula is guarded; a workbook knows texts from formulas.
    pub(super) fn row(&mut self, cells: &[String]) -> Result<(), SheetError> {
        match self {
            Sheet::Csv(writer) => Ok(writer.write_record(cells.iter().map(|cell| guarded(cell)))?),
            Sheet::Xlsx(book) => book.row(cells),
        }
    }

    /// Writes what is left.
    pub(super) fn finish(self) -> Result<(), SheetError> {
        match self {
            Sheet::Csv(mut writer) => Ok(writer.flush()?),
            Sheet::Xlsx(book) => {
                let mut book = *book;
                book.workbook.save_to_writer(&mut book.out)?;
                Ok(book.out.flush()?)
            }
        }
    }
}

impl<W> Book<W> {
    fn write_header(&mut self) -> Result<(), SheetError> {
        let bold = CellFormat::new().set_bold();
        let sheet = self.workbook.worksheet_from_index(self.sheet)?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, name) in (0_u16..).zip(&self.header) {
            sheet.write_string_with_format(0, column, name, &bold)?;
        }
        self.next_row = 1;
        Ok(())
    }

    fn row(&mut self, cells: &[String]) -> Result<(), SheetError> {
        if self.next_row == ROWS_IN_A_SHEET {
            self.workbook.add_worksheet_with_constant_memory()?;
            self.sheet += 1;
            self.write_header()?;
        }
        let sheet = self.workbook.worksheet_from_index(self.sheet)?;
        for (column, cell) in (0_u16..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write_string(self.next_row, column, cell)?;
        }
        self.next_row += 1;
        Ok(())
    }
}
