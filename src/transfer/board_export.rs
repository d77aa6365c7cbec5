//! The figures of the report to the board as a workbook: one row for each certification and figure, so that any table can be made of them.

use std::io::Cursor;

use super::cell::Cell;
use super::sheet::{Format, Sheet, SheetError};
use crate::actions::ActionError;
use crate::actions::overview::board::BoardReport;
use crate::domain::board_figure::BoardFigure;
use crate::domain::certification::catalogue::Certification;
use crate::files::FilesError;

/// What the workbook is, for whoever sends it.
pub const MEDIA_TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

const COLUMNS: [&str; 7] = ["figure", "certification", "title", "level", "field", "year", "amount"];

/// The workbook for a calendar year and the one before it.
///
/// # Errors
/// `ActionError::Files` when it cannot be made.
pub fn workbook(report: &BoardReport, year: i32) -> Result<Vec<u8>, ActionError> {
    written(report, year).map_err(|error| {
        let cause = std::io::Error::other(error);
        ActionError::Files(FilesError::disk("writing the figures of the board")(cause))
    })
}

fn written(report: &BoardReport, year: i32) -> Result<Vec<u8>, SheetError> {
    let mut bytes = Vec::new();
    let mut sheet = Sheet::begin(Format::Xlsx, Cursor::new(&mut bytes), &COLUMNS)?;
    for figure in BoardFigure::ALL {
        for year in [year, year - 1] {
            let of_years = BoardFigure::OF_YEARS.contains(&figure);
            if of_years {
                for certification in report.certifications.iter().filter(|one| one.level.needs_cpe()) {
                    let amount = report.figures.of(year, Some(certification.id), figure);
                    sheet.row(&row(report, figure, Some(certification), year, amount))?;
                }
            } else {
                sheet.row(&row(report, figure, None, year, report.figures.of(year, None, figure)))?;
            }
        }
    }
    sheet.finish()?;
    Ok(bytes)
}

fn row(
    report: &BoardReport,
    figure: BoardFigure,
    of: Option<&Certification>,
    year: i32,
    amount: i64,
) -> [Cell; 7] {
    let field = of.and_then(|of| report.fields.iter().find(|field| field.id == of.field));
    [
        Cell::text(figure.for_files()),
        Cell::text(of.map(|of| of.code.as_str()).unwrap_or_default()),
        Cell::text(of.map(|of| of.title.as_str()).unwrap_or_default()),
        Cell::text(of.map(|of| of.level.label()).unwrap_or_default()),
        Cell::text(field.map(|field| field.title.as_str()).unwrap_or_default()),
        Cell::Number(Some(i64::from(year))),
        Cell::Number(Some(amount)),
    ]
}
