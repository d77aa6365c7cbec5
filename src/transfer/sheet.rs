//! Where an export writes its rows: a CSV file or a spreadsheet.

use std::io::{Seek, Write};

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use rust_xlsxwriter::{ExcelDateTime, Format as CellFormat, Workbook, Worksheet, XlsxError};

use super::cell::Cell;
use super::csv_file::CsvFile;
use crate::domain::codes::codes;

/// Rows that one sheet of a workbook can hold.
const ROWS_IN_A_SHEET: u32 = 1_048_576;

codes! {
    /// The kind of file to write.
    pub enum Format {
        /// Text, separated by commas.
        Csv = "csv",
        /// A spreadsheet.
        Xlsx = "xlsx",
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
    Csv(Box<CsvFile<W>>),
    Xlsx(Box<Book<W>>),
}

/// A workbook in progress. Rows go to a temporary file, so that two million of them need no memory.
pub(super) struct Book<W> {
    workbook: Workbook,
    sheet: usize,
    next_row: u32,
    header: Vec<String>,
    formats: Formats,
    out: W,
}

/// How days, moments and credits look in a spreadsheet.
struct Formats {
    day: CellFormat,
    moment: CellFormat,
    credits: CellFormat,
    header: CellFormat,
}

impl<W: Write + Seek + Send> Sheet<W> {
    /// Begins a file with its header.
    pub(super) fn begin(format: Format, out: W, header: &[&str]) -> Result<Self, SheetError> {
        match format {
            Format::Csv => Ok(Sheet::Csv(Box::new(CsvFile::begin(out, header.iter().copied())?))),
            Format::Xlsx => {
                let mut workbook = Workbook::new();
                workbook.add_worksheet_with_constant_memory()?;
                let header = header.iter().map(|name| (*name).to_owned()).collect();
                let formats = Formats {
                    day: CellFormat::new().set_num_format("yyyy-mm-dd"),
                    moment: CellFormat::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
                    // two decimals as the portal shows them, and more where the amount has more
                    credits: CellFormat::new().set_num_format("0.00##"),
                    header: CellFormat::new().set_bold(),
                };
                let mut book = Book { workbook, sheet: 0, next_row: 0, header, formats, out };
                book.write_header()?;
                Ok(Sheet::Xlsx(Box::new(book)))
            }
        }
    }

    /// Writes one row. In CSV, what a spreadsheet would take for a formula is guarded; a workbook knows texts from formulas.
    pub(super) fn row(&mut self, cells: &[Cell]) -> Result<(), SheetError> {
        match self {
            Sheet::Csv(file) => Ok(file.row(cells.iter().map(Cell::written))?),
            Sheet::Xlsx(book) => book.row(cells),
        }
    }

    /// Writes what is left.
    pub(super) fn finish(self) -> Result<(), SheetError> {
        match self {
            Sheet::Csv(file) => Ok(file.finish()?.flush()?),
            Sheet::Xlsx(book) => {
                let mut book = *book;
                book.end_sheet()?;
                book.workbook.save_to_writer(&mut book.out)?;
                Ok(book.out.flush()?)
            }
        }
    }
}

impl<W> Book<W> {
    fn write_header(&mut self) -> Result<(), SheetError> {
        let sheet = self.workbook.worksheet_from_index(self.sheet)?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, name) in (0_u16..).zip(&self.header) {
            sheet.write_string_with_format(0, column, name, &self.formats.header)?;
            sheet.set_column_width(column, width(name))?;
        }
        self.next_row = 1;
        Ok(())
    }

    /// A filter in the head of a sheet, over all of its rows.
    fn end_sheet(&mut self) -> Result<(), SheetError> {
        let columns = u16::try_from(self.header.len()).unwrap_or(u16::MAX);
        let last_row = self.next_row.saturating_sub(1);
        let sheet = self.workbook.worksheet_from_index(self.sheet)?;
        sheet.autofilter(0, 0, last_row, columns.saturating_sub(1))?;
        Ok(())
    }

    fn row(&mut self, cells: &[Cell]) -> Result<(), SheetError> {
        if self.next_row == ROWS_IN_A_SHEET {
            self.end_sheet()?;
            self.workbook.add_worksheet_with_constant_memory()?;
            self.sheet += 1;
            self.write_header()?;
        }
        let sheet = self.workbook.worksheet_from_index(self.sheet)?;
        for (column, cell) in (0_u16..).zip(cells) {
            write(sheet, self.next_row, column, cell, &self.formats)?;
        }
        self.next_row += 1;
        Ok(())
    }
}

/// Writes one cell as what it is. Days that a spreadsheet has no number for (before 1900) stay texts.
fn write(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &Cell,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let (number, format) = match cell {
        Cell::Day(Some(day)) => (spreadsheet_day(*day), &formats.day),
        Cell::Moment(Some(at)) => (spreadsheet_moment(*at), &formats.moment),
        Cell::Credits(Some(_)) => (None, &formats.credits),
        _ => (None, &formats.day),
    };
    if let Some(number) = number {
        return sheet.write_datetime_with_format(row, column, &number, format).map(|_| ());
    }
    let written = cell.written();
    // the digits are read once, by the format's own kind of number: nothing is worked out with it
    match (cell, written.parse::<f64>()) {
        _ if written.is_empty() => Ok(()),
        (Cell::Credits(_), Ok(number)) => {
            sheet.write_number_with_format(row, column, number, format).map(|_| ())
        }
        (Cell::Number(_), Ok(number)) => sheet.write_number(row, column, number).map(|_| ()),
        _ => sheet.write_string(row, column, written).map(|_| ()),
    }
}

fn spreadsheet_day(day: NaiveDate) -> Option<ExcelDateTime> {
    let (month, date) = (u8::try_from(day.month()).ok()?, u8::try_from(day.day()).ok()?);
    ExcelDateTime::from_ymd(u16::try_from(day.year()).ok()?, month, date).ok()
}

fn spreadsheet_moment(at: NaiveDateTime) -> Option<ExcelDateTime> {
    let minute = u8::try_from(at.minute()).ok()?;
    spreadsheet_day(at.date())?.and_hms(u16::try_from(at.hour()).ok()?, minute, at.second()).ok()
}

/// The width of a column, in characters: wide for texts, so that most of it can be read at once.
fn width(name: &str) -> u8 {
    match name {
        "title" | "organiser" | "publication" | "relevance" | "counts_for" | "detail" | "badge" => 40,
        "email" | "name" | "holder" | "actor" | "event" | "standing" | "certificate" => 26,
        _ => 18,
    }
}
