//! The files of an audit: `WRITER-000001.jsonl` with records, and `WRITER.head`.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// The number of hexadecimal digits of a writer id.
const WRITER: usize = 32;

/// Sets options that create a file which only its owner can read.
pub(crate) fn make_private(options: &mut OpenOptions) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _ = options;
}

/// Returns the path of the writer's record file with the given number.
pub(crate) fn records_file(folder: &Path, writer: &str, number: u32) -> PathBuf {
    folder.join(format!("{writer}-{number:06}.jsonl"))
}

/// Returns the path of a writer's head file.
pub(crate) fn head_file(folder: &Path, writer: &str) -> PathBuf {
    folder.join(format!("{writer}.head"))
}

/// The files of one writer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WriterFiles {
    /// The record files by number.
    pub(crate) records: BTreeMap<u32, PathBuf>,
    /// The head file, which stores the end of the chain.
    pub(crate) head: Option<PathBuf>,
}

/// Returns the files of every writer in a folder. Unknown files are ignored.
///
/// # Errors
/// Returns an error if the folder cannot be read.
pub(crate) fn writers(folder: &Path) -> io::Result<BTreeMap<String, WriterFiles>> {
    let mut writers: BTreeMap<String, WriterFiles> = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        let Some(name) = name else { continue };
        let Some((writer, rest)) = name.split_at_checked(WRITER) else { continue };
        if !writer.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f')) {
            continue;
        }
        let number = rest.strip_prefix('-').and_then(|rest| rest.strip_suffix(".jsonl"));
        if let Some(number) = number.and_then(|number| number.parse().ok()) {
            writers.entry(writer.to_owned()).or_default().records.insert(number, path);
        } else if rest == ".head" {
            writers.entry(writer.to_owned()).or_default().head = Some(path);
        }
    }
    Ok(writers)
}
