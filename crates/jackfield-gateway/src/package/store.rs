//! The folder of fetched packages: each connector's package with its record, and one package that is being fetched.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::digest::{package_digest, tree_digest};
use super::fault::PackageFault;
use super::folders::{create, remove};
use super::record::PackageRecord;
use crate::config::PackagePin;

/// The folder in which a package is fetched. It has a fixed name, because managers write it into files, and equal packages shall have equal
/// digests.
const FETCHING: &str = ".fetching";
const LOCK: &str = ".lock";
const RECORD: &str = "package.json";
const TREE: &str = "tree";
/// The number of hexadecimal digits of a digest in the name of a folder.
const SHORT: usize = 12;
/// The maximum number of bytes of a record.
const LONGEST_RECORD: u64 = 4 << 20;

/// The folder of fetched packages.
#[derive(Clone, Debug)]
pub struct PackageStore {
    folder: PathBuf,
}

/// A package in the store.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptPackage {
    /// The folder of its record and its files.
    pub folder: PathBuf,
    /// The folder of its files.
    pub tree: PathBuf,
    /// How it was fetched, and how it is started.
    pub record: PackageRecord,
}

/// The folder in which a package is fetched and quarantined. It is removed when this value is dropped.
#[derive(Debug)]
pub struct Fetching {
    folder: PathBuf,
    /// The lock of the store, which the system releases when the file is closed.
    _lock: File,
}

impl Fetching {
    /// Returns the folder for the files of the package.
    pub fn tree(&self) -> PathBuf {
        self.folder.join(TREE)
    }

    /// Creates an empty folder for files that are not part of the package.
    ///
    /// # Errors
    /// Returns an error if it cannot be created.
    pub fn scratch(&self, name: &str) -> Result<PathBuf, PackageFault> {
        let folder = self.folder.join(name);
        remove(&folder)?;
        create(&folder)?;
        Ok(folder)
    }
}

impl Drop for Fetching {
    fn drop(&mut self) {
        // If the folder cannot be removed, the next command that fetches a package tries again.
        let _ = remove(&self.folder);
    }
}

impl PackageStore {
    /// Returns the store in the state of a gateway. Nothing is read yet.
    pub fn of(state: &Path) -> Self {
        Self { folder: state.join("packages") }
    }

    /// Returns the store in a folder.
    pub(super) fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Returns the folder of the store.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Begins to fetch a package, and removes what an interrupted command has left.
    ///
    /// # Errors
    /// Returns an error if another command fetches a package now, or if the folder cannot be used.
    pub fn begin(&self) -> Result<Fetching, PackageFault> {
        create(&self.folder)?;
        let path = self.folder.join(LOCK);
        let lock = File::options().create(true).truncate(false).write(true).open(&path);
        let lock = lock.map_err(|error| PackageFault::at(&path, error))?;
        match fs4::FileExt::try_lock(&lock) {
            Ok(()) => {}
            Err(fs4::TryLockError::WouldBlock) => {
                return Err(PackageFault::new(
                    "another command is fetching a package for this gateway: try it again when that command has ended",
                ));
            }
            Err(fs4::TryLockError::Error(error)) => return Err(PackageFault::at(&path, error)),
        }
        self.remove_abandoned()?;
        let folder = self.folder.join(FETCHING);
        create(&folder)?;
        let fetching = Fetching { folder, _lock: lock };
        create(&fetching.tree())?;
        Ok(fetching)
    }

    /// Removes folders without a record. The record is written last, so they were not finished.
    fn remove_abandoned(&self) -> Result<(), PackageFault> {
        for folder in self.folders()? {
            if !folder.join(RECORD).is_file() {
                remove(&folder)?;
            }
        }
        Ok(())
    }

    fn folders(&self) -> Result<Vec<PathBuf>, PackageFault> {
        let read = match fs::read_dir(&self.folder) {
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(PackageFault::at(&self.folder, error)),
        };
        let mut found = Vec::new();
        for entry in read {
            let entry = entry.map_err(|error| PackageFault::at(&self.folder, error))?;
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                found.push(entry.path());
            }
        }
        found.sort();
        Ok(found)
    }

    /// Keeps a fetched package for a connector.
    ///
    /// # Errors
    /// Returns an error if its files have changed since the record was made, or if the folder cannot be written.
    pub fn keep(
        &self,
        fetching: Fetching,
        connector: &str,
        record: &PackageRecord,
    ) -> Result<KeptPackage, PackageFault> {
        let found = package_digest(&tree_digest(&fetching.tree())?, &record.start);
        if found != record.digest {
            return Err(PackageFault::new(
                "the files of the package have changed since it was fetched, so it is not kept",
            ));
        }
        let folder = self.folder.join(format!("{connector}-{}", short(&record.digest)));
        let tree = folder.join(TREE);
        remove(&folder)?;
        create(&folder)?;
        fs::rename(fetching.tree(), &tree).map_err(|error| PackageFault::at(&tree, error))?;
        let text = serde_json::to_vec_pretty(record).map_err(|error| PackageFault::at(&folder, error))?;
        let (whole, part) = (folder.join(RECORD), folder.join("package.json.part"));
        let written = File::create(&part).and_then(|mut file| {
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&part, &whole)
        });
        written.map_err(|error| PackageFault::at(&whole, error))?;
        Ok(KeptPackage { folder, tree, record: record.clone() })
    }

    /// Returns the package with this digest. `None` if it was not fetched. The files are not compared.
    ///
    /// # Errors
    /// Returns an error if the folder cannot be read.
    pub fn find(&self, digest: &str) -> Result<Option<KeptPackage>, PackageFault> {
        let end = format!("-{}", short(digest));
        let is_named = |folder: &PathBuf| {
            folder.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.ends_with(&end))
        };
        for folder in self.folders()?.into_iter().filter(is_named) {
            if let Some(record) = read(&folder.join(RECORD))?
                && record.digest == digest
            {
                return Ok(Some(KeptPackage { tree: folder.join(TREE), folder, record }));
            }
        }
        Ok(None)
    }

    /// Returns all packages of a connector.
    ///
    /// # Errors
    /// Returns an error if the folder cannot be read.
    pub fn of_connector(&self, connector: &str) -> Result<Vec<KeptPackage>, PackageFault> {
        let is_own = |folder: &PathBuf| {
            let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let rest = name.strip_prefix(connector).and_then(|rest| rest.strip_prefix('-'));
            // A name of another connector could begin with this one and a hyphen.
            rest.is_some_and(|rest| rest.len() == SHORT && !rest.contains('-'))
        };
        let mut found = Vec::new();
        for folder in self.folders()?.into_iter().filter(is_own) {
            let record = read(&folder.join(RECORD))?;
            found.extend(record.map(|record| KeptPackage { tree: folder.join(TREE), folder, record }));
        }
        Ok(found)
    }

    /// Removes the packages of a connector, except the one with the digest `kept`. Returns how many were removed.
    ///
    /// # Errors
    /// Returns an error if a package cannot be removed.
    pub fn remove(&self, connector: &str, kept: Option<&str>) -> Result<usize, PackageFault> {
        let mut count = 0;
        for package in self.of_connector(connector)? {
            if kept != Some(&package.record.digest) {
                // Without its record, the rest counts as abandoned if it cannot be removed now.
                let record = package.folder.join(RECORD);
                fs::remove_file(&record).map_err(|error| PackageFault::at(&record, error))?;
                remove(&package.folder)?;
                count += 1;
            }
        }
        Ok(count)
    }
}

/// Returns the package that gateway.toml names, after its files were compared with its digest.
///
/// # Errors
/// Returns an error if it was not fetched, or if its files have changed.
pub(crate) fn verified(pin: &PackagePin) -> Result<KeptPackage, PackageFault> {
    let again = || format!("`jackfield gateway add {}` fetches it again", pin.server);
    let Some(package) = PackageStore::at(&pin.folder).find(&pin.digest)? else {
        return Err(PackageFault::new(format!(
            "the package of {} with this `digest` is not in {}: {}",
            pin.server,
            pin.folder.display(),
            again()
        )));
    };
    // A file that cannot be read any more is a change, too.
    let found = tree_digest(&package.tree).map(|tree| package_digest(&tree, &package.record.start));
    match found {
        Ok(found) if found == pin.digest => Ok(package),
        found => {
            let why = found.err().map(|fault| format!(" ({fault})")).unwrap_or_default();
            Err(PackageFault::new(format!(
                "the files of {} have changed since they were checked{why}, so it is not started: {}",
                pin.server,
                again()
            )))
        }
    }
}

/// Returns the beginning of a digest, for the name of a folder.
fn short(digest: &str) -> &str {
    let hex = digest.strip_prefix("sha256:").unwrap_or(digest);
    hex.get(..SHORT).unwrap_or(hex)
}

fn read(path: &Path) -> Result<Option<PackageRecord>, PackageFault> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.len() <= LONGEST_RECORD => {}
        Ok(_) => return Err(PackageFault::at(path, "it is too large")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(PackageFault::at(path, error)),
    }
    let text = fs::read(path).map_err(|error| PackageFault::at(path, error))?;
    serde_json::from_slice(&text).map(Some).map_err(|error| PackageFault::at(path, error))
}
