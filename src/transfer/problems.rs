//! The file that was imported, once more, with what is wrong with each row in a column of its own: to be mended where it was made, and
//! imported again.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::table::{Line, Table, guarded};
use super::{ImportError, ImportReport};

/// The column that says what is wrong.
const COLUMN: &str = "problem";
/// Most bytes of a file with its problems, compressed.
const LARGEST: usize = 16 * 1024 * 1024;

/// Writes the file again with the column `problem` as its last. After a rehearsal all rows are there, in the order of the file; after an import
/// only those that were refused, because the others are in. A column of that name that came with the file is replaced.
///
/// # Errors
/// The disk's, of either file.
pub fn write_problems(
    file: &mut (impl Read + Seek),
    report: &ImportReport,
    every_row: bool,
    out: impl Write,
) -> io::Result<()> {
    let problems: BTreeMap<u64, &str> =
        report.refused.iter().map(|refused| (refused.line, refused.reason.as_str())).collect();
    file.seek(SeekFrom::Start(0))?;
    let reader: &mut dyn Read = file;
    let mut table = Table::open(reader, &[]).map_err(unreadable)?;
    let columns = table.columns().to_vec();
    let old = table.position(COLUMN);
    let kept = |cells: Vec<String>| -> Vec<String> {
        let kept = cells.into_iter().enumerate().filter(|(at, _)| Some(*at) != old);
        kept.map(|(_, cell)| guarded(&cell)).collect()
    };
    // the mark of UTF-8, without which spreadsheets guess
    let mut out = out;
    out.write_all(b"\xef\xbb\xbf")?;
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .quote_style(csv::QuoteStyle::Always)
        .flexible(true)
        .from_writer(out);
    let width = columns.len();
    let mut header = kept(columns);
    header.push(COLUMN.to_owned());
    writer.write_record(&header)?;
    while let Some(Line { line, mut cells, .. }) = table.next_line().map_err(unreadable)? {
        let problem = problems.get(&line).copied().unwrap_or_default();
        if problem.is_empty() && !every_row {
            continue;
        }
        // every problem stands in the same column, also of a row that has too few cells or too many
        let more = cells.split_off(width.min(cells.len()));
        cells.resize(width, String::new());
        let mut cells = kept(cells);
        cells.push(problem.to_owned());
        cells.extend(more.iter().map(|cell| guarded(cell)));
        writer.write_record(&cells)?;
    }
    writer.flush()
}

fn unreadable(error: ImportError) -> io::Error {
    io::Error::other(error.to_string())
}

/// The file that [`write_problems`] writes, compressed with gzip.
///
/// # Errors
/// As [`write_problems`]; also when it becomes too large to be kept.
pub fn packed_problems(
    file: &mut (impl Read + Seek),
    report: &ImportReport,
    every_row: bool,
) -> io::Result<Vec<u8>> {
    let mut packed = GzEncoder::new(Bounded(Vec::new()), Compression::fast());
    write_problems(file, report, every_row, &mut packed)?;
    Ok(packed.finish()?.0)
}

/// Bytes in memory, and not more than is reasonable.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len().saturating_add(bytes.len()) > LARGEST {
            return Err(io::Error::other("the file with its problems is too large to be kept"));
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
