//! Files on the user's machine that a model may send: only from folders that the user has allowed.

mod error;

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::folders::{AllowedFolders, Refused, local_path};
use crate::call::argument_bytes::{ArgumentBytes, ContentBytes};
use crate::common::budget::CallScope;
use crate::common::caller::{Caller, Principal};
use crate::common::environment::{Environment, Setting};
use crate::common::spool::{SpoolError, SpoolRoom, Spooled, spool_folder};

pub(crate) use error::FileError;

/// The default size limit of a file. Large files are not held in memory, so this only bounds time and disk.
const LIMIT: u64 = 2 << 30;

/// Files up to this size are sent from memory. Larger files are sent from a copy on disk.
const IN_MEMORY: u64 = 1 << 20;

/// The copies of all calls may together have this many times the maximum size of a file. A call that waits for an approval keeps its
/// copies.
const COPIES: u64 = 4;

/// The folder for copies of large files.
#[derive(Debug)]
struct SpoolFolder {
    path: PathBuf,
    /// The environment variable that names the folder.
    variable: String,
    room: Arc<SpoolRoom>,
}

/// The folders that files may be read from. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    allowed: Arc<AllowedFolders>,
    /// The folder for copies of large files.
    spool: Arc<SpoolFolder>,
    /// The call whose budget counts the bytes of the files.
    scope: Option<CallScope>,
    /// Whether the caller is not the user of this machine. Only this user may send files.
    is_of_other: bool,
}

impl Files {
    /// Creates a value that allows no files.
    pub(crate) fn none() -> Self {
        Self::of("test", &Environment::of::<&str, &str>([]))
    }

    /// Reads the folders and the limit from `<CONNECTOR>_FILES` and `<CONNECTOR>_FILES_LIMIT`.
    pub(crate) fn of(connector: &str, environment: &Environment) -> Self {
        let settings = (Setting::Files, Setting::FilesLimit);
        let allowed = AllowedFolders::of(connector, environment, settings, LIMIT);
        let variable = Setting::Spool.variable(connector);
        let most = allowed.limit().unwrap_or(LIMIT).saturating_mul(COPIES);
        let spool =
            SpoolFolder { path: spool_folder(environment, &variable), variable, room: SpoolRoom::of(most) };
        Self { allowed: Arc::new(allowed), spool: Arc::new(spool), scope: None, is_of_other: false }
    }

    /// Returns the files that a caller may send. Only the user who runs the connector may send files from the folders.
    pub(crate) fn of_caller(&self, caller: &Caller) -> Self {
        Self { is_of_other: *caller.principal() != Principal::Local, ..self.clone() }
    }

    /// Counts the bytes of files against the budget of the given call.
    pub(crate) fn counted_in(&self, scope: &CallScope) -> Self {
        Self { scope: Some(scope.clone()), ..self.clone() }
    }

    /// Whether an argument names a file, and the user has allowed a folder.
    pub(crate) fn may_be_named_in(&self, text: &str) -> bool {
        !self.allowed.is_empty() && text.get(..5).is_some_and(|it| it.eq_ignore_ascii_case("file:"))
    }

    /// Whether any argument names a file.
    pub(crate) fn are_named_in(&self, arguments: &Map<String, Value>) -> bool {
        fn names(files: &Files, value: &Value) -> bool {
            match value {
                Value::String(text) => files.may_be_named_in(text),
                Value::Array(items) => items.iter().any(|item| names(files, item)),
                Value::Object(fields) => fields.values().any(|field| names(files, field)),
                _ => false,
            }
        }
        !self.is_of_other && !self.allowed.is_empty() && arguments.values().any(|value| names(self, value))
    }

    /// Returns the sentence in a tool description that tells a model which folders are allowed. `None` if no folder is
    /// allowed.
    pub(crate) fn advice(&self) -> Option<String> {
        let allowed = &self.allowed;
        let advice = || format!("A file below {} can be named as `file:///…`.", allowed.shown());
        (!allowed.is_empty()).then(advice)
    }

    /// Reads a file. `rest` is the text after `file:`: a path, or `//` and a path.
    pub(crate) fn read(&self, rest: &str) -> Result<ArgumentBytes, FileError> {
        let allowed = &self.allowed;
        if self.is_of_other {
            return Err(FileError::OfOtherCaller);
        }
        if allowed.is_empty() {
            return Err(FileError::NothingAllowed { variable: allowed.variable.clone() });
        }
        let path = local_path(rest).map_err(FileError::Path)?;
        let limit = allowed.limit().map_err(FileError::Limit)?;
        let (file, name) = allowed.open_file(&path).map_err(|refused| match refused {
            Refused::Outside => FileError::Outside { allowed: allowed.shown() },
            Refused::NoRoot => FileError::FolderNotThere,
            Refused::NoFile => FileError::NoFile,
            Refused::Io(error) => FileError::unreadable(error),
        })?;
        let length = file.metadata().map_err(FileError::unreadable)?.len();
        if length > limit {
            return Err(FileError::TooLarge { limit, variable: allowed.limit_variable.clone() });
        }
        let file_name = Some(name.to_string_lossy().into_owned());
        let media_type = media_type_of(Path::new(&name)).to_owned();
        if length > IN_MEMORY {
            let bytes = ContentBytes::Spooled(Arc::new(self.spooled(file, length)?));
            return Ok(ArgumentBytes { bytes, media_type, file_name });
        }
        let in_memory = usize::try_from(length).unwrap_or(usize::MAX);
        self.scope.as_ref().map_or(Ok(()), |scope| scope.hold(in_memory)).map_err(FileError::Budget)?;
        let mut bytes = Vec::new();
        file.take(length.saturating_add(1)).read_to_end(&mut bytes).map_err(FileError::unreadable)?;
        if u64::try_from(bytes.len()).is_ok_and(|read| read > length) {
            return Err(FileError::Grew);
        }
        Ok(ArgumentBytes { bytes: ContentBytes::Memory(bytes), media_type, file_name })
    }

    /// Copies a large file. An approval is bound to the copy, and the copy is sent instead of the file.
    fn spooled(&self, file: std::fs::File, length: u64) -> Result<Spooled, FileError> {
        let SpoolFolder { path: folder, variable, room } = &*self.spool;
        let Some(room) = room.reserve(length) else {
            let variable = self.allowed.limit_variable.clone();
            return Err(FileError::SpoolFull { most: room.most(), variable });
        };
        let is_stopped = || self.scope.as_ref().is_some_and(CallScope::is_stopped);
        Spooled::copy(file, length, folder, is_stopped).map(|copy| copy.within(room)).map_err(|error| {
            match error {
                SpoolError::Read(error) => FileError::unreadable(error),
                SpoolError::Write(folder, error) => {
                    FileError::Spool { folder, variable: variable.clone(), failure: error.into() }
                }
                SpoolError::Grew => FileError::Grew,
                SpoolError::Stopped => FileError::Stopped,
            }
        })
    }
}

/// Returns the media type for the file extension. Empty if the extension is unknown.
fn media_type_of(path: &Path) -> &'static str {
    let extension = path.extension().and_then(|it| it.to_str()).unwrap_or_default().to_ascii_lowercase();
    match extension.as_str() {
        "csv" => "text/csv",
        "gif" => "image/gif",
        "htm" | "html" => "text/html",
        "jpeg" | "jpg" => "image/jpeg",
        "json" => "application/json",
        "mp3" => "audio/mpeg",
        "mp4" => "video/mp4",
        "pdf" => "application/pdf",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain",
        "wav" => "audio/wav",
        "webp" => "image/webp",
        "xml" => "application/xml",
        "zip" => "application/zip",
        _ => "",
    }
}

#[cfg(test)]
mod tests;
