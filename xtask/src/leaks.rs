//! Searches logs, snapshots and the output of the test suite for the credentials of tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jackfield_testkit::leaks;

use crate::failure::Failure;

/// The file extensions of test output and generator output. In a folder, only files with these extensions are searched.
const WRITTEN: [&str; 4] = ["snap", "lock", "log", "txt"];

pub(crate) fn run(places: &[PathBuf]) -> Result<ExitCode, Failure> {
    let mut files = Vec::new();
    for place in places {
        collect(place, &mut files)?;
    }
    let mut bytes = 0;
    let mut found = 0;
    for file in &files {
        let content = read(file)?;
        bytes += content.len();
        for leak in leaks(&content) {
            found += 1;
            println!("{}: {leak}", file.display());
        }
    }
    println!("found {found} test credentials in {} files with {bytes} bytes", files.len());
    Ok(if found == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Collects a file, or all output files below a folder.
fn collect(place: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if !place.is_dir() {
        files.push(place.to_owned());
        return Ok(());
    }
    let failed = |error| Failure::new(format!("{} cannot be read: {error}", place.display()));
    let mut entries = fs::read_dir(place).map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        let is_written = path.extension().is_some_and(|it| WRITTEN.iter().any(|known| it == *known));
        if path.is_dir() {
            // Folders of installed packages are skipped.
            if path.file_name().is_some_and(|name| name == "node_modules" || name == "venv") {
                continue;
            }
            collect(&path, files)?;
        } else if is_written {
            files.push(path);
        }
    }
    Ok(())
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(file).map_err(|error| Failure::new(format!("{} cannot be read: {error}", file.display())))
}
