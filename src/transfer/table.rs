//! Tables in files: comma-separated, UTF-8 with or without a byte order mark, lines ended by LF or CRLF. Every record knows the line
//! where it begins, so that a report about a row can be followed in an editor.
//!
//! Cells are told apart here and not by the crate `csv-core`. Tried on two million random files it gave the same cells, in the same time
//! (70 MB in 1.1 to 1.4 s either way) and with as many lines around it (332, here 342): it says neither where a record begins after empty
//! lines nor that a quote was left open at the end, leaves a CR within quotes, and has to be led through what goes beyond the bounds with
//! buffers to throw away. What it would spare is the forty lines of `next_cell`.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read};

use super::import_error::ImportError;
use crate::domain::text::without_nul;

/// Most cells of a row; no table of ours has a hundredth of that.
const MOST_CELLS: usize = 1000;
/// Longest record, in bytes. More than any row needs; a quote that is never closed must not swallow a whole file into memory.
const LONGEST_RECORD: usize = 256 * 1024;

/// One record of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The line where it begins; the header is line 1.
    pub line: u64,
    /// Its cells, or why they cannot be told apart.
    pub cells: Result<Vec<String>, &'static str>,
}

/// A record as far as it can be read.
pub(super) struct Line {
    /// The line where it begins.
    pub line: u64,
    /// Its cells.
    pub cells: Vec<String>,
    /// Why they cannot be trusted.
    pub problem: Option<&'static str>,
}

/// Reads records one after the other.
pub struct Table<R: Read> {
    bytes: Bytes<R>,
    columns: Vec<String>,
}

/// A CSV cell without anything that a spreadsheet would take for a formula. Where one could begin, it gets an apostrophe in front: at the
/// beginning of the cell, and wherever a spreadsheet that separates by semicolons or tabs, or that ends a row at a line break within
/// quotes, would see a cell begin. [`unguarded`] takes the apostrophes off again.
pub fn guarded(cell: &str) -> String {
    rewritten(cell, |rest| looks_like_formula(rest).then_some(("'", 0))).into_owned()
}

/// The cell as it was before [`guarded`].
pub fn unguarded(cell: &str) -> Cow<'_, str> {
    rewritten(cell, |rest| rest.strip_prefix('\'').is_some_and(looks_like_formula).then_some(("", 1)))
}

/// Goes through every place where a spreadsheet could see a cell begin. `change` hears what stands from there on, and says what to put in and
/// how many bytes to leave out there.
fn rewritten(cell: &str, change: impl Fn(&str) -> Option<(&'static str, usize)>) -> Cow<'_, str> {
    let begins = cell.match_indices([';', '\t', '\r', '\n']).map(|(at, separator)| at + separator.len());
    let mut out = String::new();
    let mut copied = 0;
    for at in std::iter::once(0).chain(begins) {
        let rest = cell.get(at..).unwrap_or_default();
        // who separates otherwise takes the first of the doubled quotes for the beginning of a cell: what it holds comes after it
        let rest = if at > 0 { rest.trim_start_matches('"') } else { rest };
        let at = cell.len() - rest.len();
        // inside a cell a line break or a tab begins nothing by itself
        if at > 0 && rest.trim_start_matches('\'').starts_with(['\t', '\r', '\n']) {
            continue;
        }
        if let Some((put_in, left_out)) = change(rest) {
            out.push_str(cell.get(copied..at).unwrap_or_default());
            out.push_str(put_in);
            copied = at + left_out;
        }
    }
    if copied == 0 && out.is_empty() {
        return Cow::Borrowed(cell);
    }
    out.push_str(cell.get(copied..).unwrap_or_default());
    Cow::Owned(out)
}

/// Apostrophes in front are looked through, so that a cell that really begins with one survives the way out and in. The wide signs are
/// those of East Asian keyboards, which some spreadsheets take as well.
fn looks_like_formula(cell: &str) -> bool {
    let signs = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    cell.trim_start_matches('\'').starts_with(signs)
}

/// What ended a cell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Cell,
    Record,
    File,
}

impl<R: Read> Table<R> {
    /// Begins to read a table and its header. `needed` columns have to be there, in any order; others are not used.
    ///
    /// # Errors
    /// `ImportError::Unreadable` when there is no header, or a column is missing or there twice.
    pub fn open(input: R, needed: &[&str]) -> Result<Self, ImportError> {
        let input = BufReader::with_capacity(64 * 1024, input);
        let mut table = Table { bytes: Bytes { input, line: 1, read: 0 }, columns: Vec::new() };
        table.bytes.skip_byte_order_mark()?;
        let header = table.next_filled()?.ok_or_else(|| {
            ImportError::Unreadable(format!(
                "The file is empty. Its first line names the columns: {}.",
                needed.join(",")
            ))
        })?;
        if let Some(problem) = header.problem {
            return Err(ImportError::Unreadable(format!("The first line cannot be read: {problem}")));
        }
        table.columns = header.cells.iter().map(|cell| cell.trim().to_lowercase()).collect();
        table.check_columns(needed)?;
        Ok(table)
    }

    fn check_columns(&self, needed: &[&str]) -> Result<(), ImportError> {
        let missing: Vec<&str> =
            needed.iter().copied().filter(|name| !self.columns.iter().any(|c| c == name)).collect();
        if !missing.is_empty() {
            let hint = match self.columns.first() {
                Some(first) if self.columns.len() == 1 && first.contains([';', '\t']) => {
                    " Save the file with commas between the columns."
                }
                _ => "",
            };
            return Err(ImportError::Unreadable(format!(
                "The first line does not name the column{} {}.{hint}",
                if missing.len() == 1 { "" } else { "s" },
                missing.join(", "),
            )));
        }
        let twice = needed.iter().find(|name| self.columns.iter().filter(|c| c == *name).count() > 1);
        match twice {
            Some(name) => Err(ImportError::Unreadable(format!(
                "The first line names the column {name} more than once."
            ))),
            None => Ok(()),
        }
    }

    /// Where a column stands.
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|name| name == column)
    }

    /// The names of the columns, in the order of the file.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Bytes read so far.
    pub fn bytes_read(&self) -> u64 {
        self.bytes.read
    }

    /// The next record that has as many cells as the header, or says why not; `None` at the end. Empty lines, and lines of nothing but
    /// commas and spaces, are passed over.
    ///
    /// # Errors
    /// `ImportError::Unreadable` when the disk refuses.
    pub fn next_row(&mut self) -> Result<Option<Record>, ImportError> {
        let Some(Line { line, cells, mut problem }) = self.next_line()? else { return Ok(None) };
        if cells.len() < self.columns.len() {
            problem = problem.or(Some("The row has fewer columns than the first line."));
        } else if cells.len() > self.columns.len() {
            problem = problem.or(Some(
                "The row has more columns than the first line. Put quotes around a text with a comma.",
            ));
        }
        Ok(Some(Record { line, cells: problem.map_or(Ok(cells), Err) }))
    }

    /// The next record as far as it can be read, whatever is wrong with it.
    ///
    /// # Errors
    /// As [`Table::next_row`].
    pub(super) fn next_line(&mut self) -> Result<Option<Line>, ImportError> {
        let Some(mut line) = self.next_filled()? else { return Ok(None) };
        for cell in &mut line.cells {
            if let Cow::Owned(plain) = unguarded(cell) {
                *cell = plain;
            }
        }
        Ok(Some(line))
    }

    /// The next record that says anything: a spreadsheet leaves rows of nothing but commas.
    fn next_filled(&mut self) -> Result<Option<Line>, ImportError> {
        loop {
            match self.next_record()? {
                Some(Line { cells, problem: None, .. })
                    if cells.iter().all(|cell| cell.trim().is_empty()) => {}
                record => return Ok(record),
            }
        }
    }

    fn next_record(&mut self) -> Result<Option<Line>, ImportError> {
        // an empty line is no record
        while self.bytes.peek()? == Some(b'\n') {
            self.bytes.take()?;
        }
        if self.bytes.peek()?.is_none() {
            return Ok(None);
        }
        let line = self.bytes.line;
        let mut cells = Vec::with_capacity(self.columns.len());
        let mut room = LONGEST_RECORD;
        let mut problem = None;
        loop {
            let mut cell = Vec::new();
            let end = self.next_cell(&mut cell, &mut room, &mut problem)?;
            if cells.len() >= MOST_CELLS {
                // read to its end, and nothing of it kept
                problem = problem.or(Some("The row has more than 1000 columns."));
                if end == End::Cell {
                    continue;
                }
                break;
            }
            cells.push(without_nul(String::from_utf8(cell).unwrap_or_else(|broken| {
                problem = problem.or(Some("The row is not UTF-8 text."));
                String::from_utf8_lossy(broken.as_bytes()).into_owned()
            })));
            if end != End::Cell {
                break;
            }
        }
        Ok(Some(Line { line, cells, problem }))
    }

    fn next_cell(
        &mut self,
        cell: &mut Vec<u8>,
        room: &mut usize,
        problem: &mut Option<&'static str>,
    ) -> Result<End, ImportError> {
        let mut quoted = false;
        let mut begun = false;
        loop {
            begun |= self.bytes.take_plain(quoted, cell, room, problem)?;
            let Some(byte) = self.bytes.take()? else {
                if quoted {
                    *problem = Some("A quote is opened in this row and never closed.");
                }
                return Ok(End::File);
            };
            match byte {
                b'"' if quoted && self.bytes.peek()? == Some(b'"') => {
                    self.bytes.take()?;
                    keep(&[byte], cell, room, problem);
                }
                b'"' if quoted => quoted = false,
                _ if quoted => keep(&[byte], cell, room, problem),
                b',' => return Ok(End::Cell),
                b'\n' => return Ok(End::Record),
                b'"' if !begun => quoted = true,
                _ => keep(&[byte], cell, room, problem),
            }
            begun = true;
        }
    }
}

/// Keeps bytes of a cell as long as the record has room.
fn keep(bytes: &[u8], cell: &mut Vec<u8>, room: &mut usize, problem: &mut Option<&'static str>) {
    let kept = bytes.get(..bytes.len().min(*room)).unwrap_or_default();
    cell.extend_from_slice(kept);
    *room -= kept.len();
    if kept.len() < bytes.len() {
        *problem = Some("The row is too long. Perhaps a quote is opened in it and never closed.");
    }
}

/// The file's bytes, with CRLF (and a CR alone) given as LF, and the line they stand on.
struct Bytes<R: Read> {
    input: BufReader<R>,
    line: u64,
    read: u64,
}

impl<R: Read> Bytes<R> {
    fn raw_peek(&mut self) -> Result<Option<u8>, ImportError> {
        Ok(self.input.fill_buf().map_err(ImportError::from_disk)?.first().copied())
    }

    fn raw_take(&mut self) {
        self.input.consume(1);
        self.read += 1;
    }

    fn peek(&mut self) -> Result<Option<u8>, ImportError> {
        Ok(self.raw_peek()?.map(|byte| if byte == b'\r' { b'\n' } else { byte }))
    }

    fn take(&mut self) -> Result<Option<u8>, ImportError> {
        let Some(byte) = self.raw_peek()? else { return Ok(None) };
        self.raw_take();
        if byte == b'\r' && self.raw_peek()? == Some(b'\n') {
            self.raw_take();
        }
        if matches!(byte, b'\r' | b'\n') {
            self.line += 1;
            return Ok(Some(b'\n'));
        }
        Ok(Some(byte))
    }

    /// Takes the bytes up to the next one that can mean something, many at a time. Says whether there were any.
    fn take_plain(
        &mut self,
        quoted: bool,
        cell: &mut Vec<u8>,
        room: &mut usize,
        problem: &mut Option<&'static str>,
    ) -> Result<bool, ImportError> {
        let mut any = false;
        loop {
            let ahead = self.input.fill_buf().map_err(ImportError::from_disk)?;
            let meant = |byte: &u8| matches!(byte, b'"' | b'\r' | b'\n') || (*byte == b',' && !quoted);
            let plain = ahead.iter().position(meant).unwrap_or(ahead.len());
            keep(ahead.get(..plain).unwrap_or_default(), cell, room, problem);
            let more = plain > 0 && plain == ahead.len();
            self.input.consume(plain);
            self.read = self.read.saturating_add(u64::try_from(plain).unwrap_or(u64::MAX));
            any |= plain > 0;
            if !more {
                return Ok(any);
            }
        }
    }

    fn skip_byte_order_mark(&mut self) -> Result<(), ImportError> {
        let mark = b"\xef\xbb\xbf";
        if self.input.fill_buf().map_err(ImportError::from_disk)?.starts_with(mark) {
            self.input.consume(mark.len());
            self.read += 3;
        }
        Ok(())
    }
}
