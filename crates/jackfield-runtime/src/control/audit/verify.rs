//! Verifies every chain in a folder.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::chain::{AuditKey, Code};
use super::files::{WriterFiles, writers};
use super::head::Head;

/// The maximum number of bytes of a record. A longer line is not a record.
const LONGEST_LINE: u64 = 1 << 20;

/// The maximum number of reported problems.
const MAX_PROBLEMS: usize = 100;

/// The position of a record in a chain, and its MAC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) sequence: u64,
    pub(crate) code: Code,
}

/// The result of a verification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditReport {
    /// The number of chains. Each process writes one chain.
    pub chains: usize,
    /// The number of records with a correct MAC.
    pub records: u64,
    /// The problems. If there are none, no synced record was changed, inserted or removed.
    pub problems: Vec<AuditProblem>,
    /// The number of files that end with an incomplete, unsynced record, because the process was killed, the machine stopped,
    /// or the disk failed.
    pub torn: usize,
}

/// A change that a verification detected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditProblem {
    /// The changed file.
    pub file: PathBuf,
    /// The line, from 1, if the problem is in a line.
    pub line: Option<u64>,
    /// A description of the problem.
    pub problem: String,
}

impl fmt::Display for AuditProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file.display(), self.problem),
            None => write!(f, "{}: {}", self.file.display(), self.problem),
        }
    }
}

/// A statement of a record about another chain: that the chain contained a record with this MAC.
#[derive(Clone, Debug)]
struct Claim {
    sequence: u64,
    code: Code,
    /// Whether the record says that all records up to the claimed record were removed because of their age.
    is_removal: bool,
}

/// Verifies every chain in a folder.
///
/// # Errors
/// Returns an error if a file cannot be read.
pub fn verify(folder: &Path, key: &AuditKey) -> io::Result<AuditReport> {
    let mut report = AuditReport::default();
    let all = writers(folder)?;
    let mut claims: BTreeMap<String, Vec<Claim>> = BTreeMap::new();
    let mut codes: BTreeMap<&str, Scanned> = BTreeMap::new();
    // A claim names a record of another chain, so all chains are read before the claims are compared.
    for files in all.values() {
        collect_claims(files, key, &mut claims)?;
    }
    for (writer, files) in &all {
        let claimed = claims.get(writer).map_or(&[][..], Vec::as_slice);
        codes.insert(writer, scan(writer, files, key, claimed, &mut report)?);
    }
    for (writer, claimed) in &claims {
        let last = codes.get(writer.as_str()).and_then(|scanned| scanned.last).max(removed(claimed));
        let needed = claimed.iter().map(|claim| claim.sequence).max();
        if let Some(needed) = needed.filter(|needed| last.is_none_or(|last| last < *needed)) {
            let what =
                format!("record {needed} of writer {writer} is missing: records were removed from the end");
            report.add(folder, None, what);
        }
    }
    for (writer, files) in &all {
        let scanned = codes.get(writer.as_str()).copied().unwrap_or_default();
        let last = scanned.last.max(claims.get(writer).and_then(|claimed| removed(claimed)));
        verify_head(folder, writer, files, Scanned { last, ..scanned }, key, &mut report)?;
    }
    report.chains = all.len();
    Ok(report)
}

/// Returns the number of the last record that was removed because of its age.
fn removed(claims: &[Claim]) -> Option<u64> {
    claims.iter().filter(|claim| claim.is_removal).map(|claim| claim.sequence).max()
}

impl AuditReport {
    fn add(&mut self, file: &Path, line: Option<u64>, problem: impl Into<String>) {
        if self.problems.len() < MAX_PROBLEMS {
            let (file, problem) = (file.to_owned(), problem.into());
            self.problems.push(AuditProblem { file, line, problem });
        }
    }
}

/// The result of reading one chain.
#[derive(Clone, Copy, Debug, Default)]
struct Scanned {
    last: Option<u64>,
    /// The MAC of the record that the head names, if the chain contains this record.
    at_head: Option<Code>,
}

/// Reads a chain, and compares it with the claims about it.
fn scan(
    writer: &str,
    files: &WriterFiles,
    key: &AuditKey,
    claims: &[Claim],
    report: &mut AuditReport,
) -> io::Result<Scanned> {
    let head = match &files.head {
        Some(path) => Head::read(path, key)?,
        None => None,
    };
    let mut scanned = Scanned::default();
    // The number and MAC of the last read record. `None` before the first record.
    let mut previous: Option<(u64, Code)> = None;
    for path in files.records.values() {
        let mut lines = Lines::open(path)?;
        while let Some(line) = lines.next()? {
            let Some(text) = line.text.filter(|_| line.is_complete) else {
                // This record was not written completely. If it was complete once, the next record or the head shows that it is
                // missing.
                if !line.is_complete && lines.is_at_end()? {
                    report.torn += 1;
                } else {
                    report.add(path, Some(line.number), "this line is not a record");
                }
                continue;
            };
            let Some(record) = Parsed::of(&text, writer) else {
                report.add(path, Some(line.number), "this record does not belong to this chain");
                continue;
            };
            let expected = match previous {
                Some((sequence, code)) => Some((sequence + 1, code)),
                None if record.sequence == 0 => Some((0, Code::NONE)),
                // The beginning of the chain may be missing. A later record then says that it was removed because of its age.
                None => claims
                    .iter()
                    .find(|claim| claim.is_removal && claim.sequence + 1 == record.sequence)
                    .map(|claim| (record.sequence, claim.code)),
            };
            match expected {
                None => {
                    let what = format!("the records before {} are missing", record.sequence);
                    report.add(path, Some(line.number), what);
                }
                Some((sequence, _)) if sequence != record.sequence => {
                    let what =
                        format!("this is record {}, but record {sequence} was expected", record.sequence);
                    report.add(path, Some(line.number), what);
                }
                Some((_, code)) if key.record(code, record.signed) != record.code => {
                    report.add(path, Some(line.number), "this record or the previous record was changed");
                }
                Some(_) => report.records += 1,
            }
            let contradicts = |claim: &&Claim| claim.sequence == record.sequence && claim.code != record.code;
            if claims.iter().any(|claim| contradicts(&claim)) {
                report.add(path, Some(line.number), "a later chain recorded a different MAC for this record");
            }
            if head.as_ref().is_some_and(|head| head.sequence == record.sequence) {
                scanned.at_head = Some(record.code);
            }
            scanned.last = Some(record.sequence);
            previous = Some((record.sequence, record.code));
        }
    }
    Ok(scanned)
}

fn verify_head(
    folder: &Path,
    writer: &str,
    files: &WriterFiles,
    scanned: Scanned,
    key: &AuditKey,
    report: &mut AuditReport,
) -> io::Result<()> {
    let Some(path) = &files.head else {
        report.add(folder, None, format!("the head of writer {writer} is missing"));
        return Ok(());
    };
    let Some(head) = Head::read(path, key)? else {
        report.add(path, None, "the head was changed, or was written with another key");
        return Ok(());
    };
    match scanned.at_head {
        _ if head.writer != *writer => report.add(path, None, "this is the head of another writer"),
        Some(code) if code != head.code => {
            report.add(path, None, "the head names a record with a different MAC");
        }
        None if scanned.last.is_none_or(|last| last < head.sequence) => {
            let what = format!("record {} is missing: records were removed from the end", head.sequence);
            report.add(path, None, what);
        }
        _ => {}
    }
    Ok(())
}

/// Collects the statements of a chain's records about other chains.
fn collect_claims(
    files: &WriterFiles,
    key: &AuditKey,
    claims: &mut BTreeMap<String, Vec<Claim>>,
) -> io::Result<()> {
    for path in files.records.values() {
        let mut lines = Lines::open(path)?;
        while let Some(line) = lines.next()? {
            let Some(text) = line.text else { continue };
            // Most records are about calls, which say nothing about other chains.
            if !text.contains("\"event\":\"started\"") && !text.contains("\"event\":\"removed\"") {
                continue;
            }
            let Ok(value) = serde_json::from_str::<Value>(&text) else { continue };
            let heads = value["heads"].as_array().map_or(&[][..], Vec::as_slice);
            for head in heads.iter().filter_map(|head| Head::parse(head, key)) {
                let claim = Claim { sequence: head.sequence, code: head.code, is_removal: false };
                claims.entry(head.writer).or_default().push(claim);
            }
            if let Some((writer, Placed { sequence, code })) = removal(&value) {
                claims.entry(writer).or_default().push(Claim { sequence, code, is_removal: true });
            }
        }
    }
    Ok(())
}

/// Returns the writer and the last removed record, if a record reports a removal.
fn removal(record: &Value) -> Option<(String, Placed)> {
    if record["event"] != "removed" {
        return None;
    }
    let code = Code::parse(record["mac_of"].as_str()?)?;
    Some((record["writer_of"].as_str()?.to_owned(), Placed { sequence: record["through"].as_u64()?, code }))
}

/// Returns the removals that the records of a file report.
///
/// # Errors
/// Returns an error if the file cannot be read.
pub(crate) fn removals_in(path: &Path) -> io::Result<Vec<(String, Placed)>> {
    let mut lines = Lines::open(path)?;
    let mut removals = Vec::new();
    while let Some(line) = lines.next()? {
        let record = line.text.filter(|text| text.contains("\"event\":\"removed\""));
        let record = record.and_then(|text| serde_json::from_str(&text).ok());
        removals.extend(record.and_then(|record: Value| removal(&record)));
    }
    Ok(removals)
}

/// Returns the heads of all chains in a folder, as they are stored in the head files.
///
/// # Errors
/// Returns an error if a file cannot be read.
pub(crate) fn heads(folder: &Path, key: &AuditKey) -> io::Result<Vec<Value>> {
    let mut heads = Vec::new();
    for path in writers(folder)?.into_values().filter_map(|files| files.head) {
        heads.extend(Head::read(&path, key)?.map(|head| head.to_json(key)));
    }
    Ok(heads)
}

/// Returns the last complete record of a file.
///
/// # Errors
/// Returns an error if the file cannot be read.
pub(crate) fn last_record(path: &Path) -> io::Result<Option<Placed>> {
    let mut lines = Lines::open(path)?;
    let mut last = None;
    while let Some(line) = lines.next()? {
        if let Some(text) = line.text.filter(|_| line.is_complete)
            && let Some(record) = Parsed::split(&text)
        {
            last = Some(Placed { sequence: record.sequence, code: record.code });
        }
    }
    Ok(last)
}

/// A parsed record, and the text that its MAC covers.
struct Parsed<'l> {
    sequence: u64,
    signed: &'l str,
    code: Code,
}

impl<'l> Parsed<'l> {
    fn of(line: &'l str, writer: &str) -> Option<Self> {
        let is_own = line.strip_prefix("{\"writer\":\"")?.strip_prefix(writer)?.starts_with('"');
        Self::split(line).filter(|_| is_own)
    }

    fn split(line: &'l str) -> Option<Self> {
        let (signed, rest) = line.rsplit_once(",\"mac\":\"")?;
        let code = Code::parse(rest.strip_suffix("\"}")?)?;
        let (_, rest) = signed.split_once(",\"seq\":")?;
        let (sequence, _) = rest.split_once(',')?;
        Some(Self { sequence: sequence.parse().ok()?, signed, code })
    }
}

/// Reads the lines of a file. An attacker may have written the file, so the length of a line is bounded.
pub(crate) struct Lines {
    reader: BufReader<File>,
    number: u64,
}

/// One line of a file.
pub(crate) struct Line {
    pub(crate) number: u64,
    /// The text. `None` if the line is too long, or not UTF-8.
    pub(crate) text: Option<String>,
    /// Whether the line ends with a line break.
    pub(crate) is_complete: bool,
}

impl Lines {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { reader: BufReader::with_capacity(1 << 16, File::open(path)?), number: 0 })
    }

    pub(crate) fn next(&mut self) -> io::Result<Option<Line>> {
        let mut bytes = Vec::new();
        self.reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut bytes)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        let is_complete = bytes.last() == Some(&b'\n');
        if is_complete {
            bytes.pop();
        }
        Ok(Some(Line { number: self.number, text: String::from_utf8(bytes).ok(), is_complete }))
    }

    fn is_at_end(&mut self) -> io::Result<bool> {
        Ok(self.reader.fill_buf()?.is_empty())
    }
}
