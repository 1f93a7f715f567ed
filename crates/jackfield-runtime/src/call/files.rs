//! Files of the user's machine that a model may send: only from folders that the user has allowed.

#[cfg(unix)]
mod beneath;
#[cfg(not(unix))]
mod canonical;
mod error;
mod refused;

use std::fmt::Write as _;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, OnceLock};

#[cfg(unix)]
use beneath::{Root, open};
#[cfg(not(unix))]
use canonical::{Root, open};

use error::InvalidLimit;
use refused::Refused;

use jackfield_recipe::percent_decode;

use crate::call::argument_bytes::ArgumentBytes;
use crate::common::budget::CallScope;
use crate::common::caller::{Caller, Principal};
use crate::common::environment::{Environment, Setting};

pub(crate) use error::FileError;

/// The default size limit of a file.
const LIMIT: u64 = 16 * 1024 * 1024;

/// The folders that files may be read from. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    allowed: Arc<Allowed>,
    /// The call whose budget the bytes of files count against.
    scope: Option<CallScope>,
    /// Whether the caller is not the user of this machine. Only that user has allowed the folders.
    is_of_other: bool,
}

#[derive(Debug)]
struct Allowed {
    /// The folders in the user's spelling.
    folders: Vec<PathBuf>,
    /// The folders, opened when the connector starts or as soon as they exist. If a folder is replaced later,
    /// the new one is not accessible.
    roots: Vec<OnceLock<Root>>,
    /// The variable that names the folders.
    variable: String,
    /// The variable that sets the size limit, and its value.
    limit_variable: String,
    limit: Result<u64, InvalidLimit>,
}

impl Files {
    /// Allows no file.
    #[cfg(test)]
    pub(crate) fn none() -> Self {
        Self::of("test", &Environment::of::<&str, &str>([]))
    }

    /// The folders and limit in `<CONNECTOR>_FILES` and `<CONNECTOR>_FILES_LIMIT`.
    pub(crate) fn of(connector: &str, environment: &Environment) -> Self {
        let name = Setting::Files.variable(connector);
        let folders = environment.get(&name).unwrap_or_default();
        let folders: Vec<PathBuf> =
            std::env::split_paths(&folders).filter(|folder| !folder.as_os_str().is_empty()).collect();
        let limit_variable = Setting::FilesLimit.variable(connector);
        let limit = match environment.get(&limit_variable) {
            None => Ok(LIMIT),
            Some(text) => {
                let limit = text.trim().parse();
                limit.map_err(|_| InvalidLimit { variable: limit_variable.clone(), text })
            }
        };
        let roots = folders.iter().map(|_| OnceLock::new()).collect();
        let allowed = Allowed { folders, roots, variable: name, limit_variable, limit };
        allowed.open_roots();
        Self { allowed: Arc::new(allowed), scope: None, is_of_other: false }
    }

    /// The files for a caller. The user who runs the connector may send files from the folders; other
    /// callers may not.
    pub(crate) fn of_caller(&self, caller: &Caller) -> Self {
        Self { is_of_other: *caller.principal() != Principal::Local, ..self.clone() }
    }

    /// Counts the bytes of files against the budget of that call.
    pub(crate) fn counted_in(&self, scope: &CallScope) -> Self {
        Self { scope: Some(scope.clone()), ..self.clone() }
    }

    /// Whether an argument names a file and the user has allowed a folder.
    pub(crate) fn may_be_named_in(&self, text: &str) -> bool {
        !self.allowed.folders.is_empty() && text.get(..5).is_some_and(|it| it.eq_ignore_ascii_case("file:"))
    }

    /// The sentence in a tool description that tells a model which folders are allowed. `None` if no folder
    /// is allowed.
    pub(crate) fn advice(&self) -> Option<String> {
        let allowed = &self.allowed;
        let advice = || format!("A file below {} can be named as `file:///…`.", allowed.shown());
        (!allowed.folders.is_empty()).then(advice)
    }

    /// Reads a file. The argument is the text after `file:`, which is a path or `//` and a path.
    pub(crate) fn read(&self, rest: &str) -> Result<ArgumentBytes, FileError> {
        let allowed = &self.allowed;
        if self.is_of_other {
            return Err(FileError::OfOtherCaller);
        }
        if allowed.folders.is_empty() {
            return Err(FileError::NothingAllowed { variable: allowed.variable.clone() });
        }
        allowed.read(&path_of(rest)?, self.scope.as_ref())
    }
}

/// The local path in a `file:` URL.
fn path_of(rest: &str) -> Result<PathBuf, FileError> {
    let path = match rest.strip_prefix("//") {
        Some(rest) => rest.strip_prefix("localhost").filter(|rest| rest.starts_with('/')).unwrap_or(rest),
        None => rest,
    };
    let path = percent_decode(path).and_then(|path| String::from_utf8(path).ok());
    let path = path.ok_or(FileError::Escape)?;
    if path.contains('\0') {
        return Err(FileError::NulCharacter);
    }
    // In `file:///C:/x`, the path begins with a drive of Windows.
    let path =
        match path.strip_prefix('/').filter(|rest| cfg!(windows) && rest.as_bytes().get(1) == Some(&b':')) {
            Some(rest) => PathBuf::from(rest),
            None => PathBuf::from(path),
        };
    if !path.is_absolute() {
        return Err(FileError::NotAbsolute);
    }
    Ok(path)
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Allowed {
    /// The folders that exist.
    fn open_roots(&self) -> Vec<&Root> {
        let mut opened = Vec::new();
        for (folder, root) in self.folders.iter().zip(&self.roots).filter(|(folder, _)| folder.is_absolute())
        {
            if root.get().is_none()
                && let Ok(found) = Root::open(folder)
            {
                // A concurrent call may have opened the folder in the meantime.
                let _ = root.set(found);
            }
            opened.extend(root.get());
        }
        opened
    }

    /// The list of folders, for messages.
    fn shown(&self) -> String {
        let mut text = String::new();
        for (at, folder) in self.folders.iter().enumerate() {
            let _ = write!(text, "{}{}", if at == 0 { "" } else { " or " }, folder.display());
        }
        text
    }

    fn read(&self, path: &Path, scope: Option<&CallScope>) -> Result<ArgumentBytes, FileError> {
        let limit = self.limit.clone().map_err(FileError::Limit)?;
        if path.components().any(|part| part == Component::ParentDir) {
            return Err(FileError::Climbs);
        }
        let outside = || FileError::Outside { allowed: self.shown() };
        let roots = self.open_roots();
        // Paths outside the folders are not examined, because a model must not learn which files exist there.
        let is_named = |path: &Path| {
            self.folders.iter().any(|it| path.starts_with(it)) || roots.iter().any(|it| it.names(path))
        };
        if !is_named(path) {
            return Err(outside());
        }
        if roots.is_empty() {
            return Err(FileError::FolderNotThere);
        }
        let (file, name) = open(&roots, path).map_err(|refused| match refused {
            Refused::Outside => outside(),
            Refused::NoFile => FileError::NoFile,
            Refused::Io(error) => FileError::unreadable(error),
        })?;
        let length = file.metadata().map_err(FileError::unreadable)?.len();
        if length > limit {
            return Err(FileError::TooLarge { limit, variable: self.limit_variable.clone() });
        }
        let counted = |length: u64| {
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            scope.map_or(Ok(()), |scope| scope.hold(length)).map_err(FileError::Budget)
        };
        counted(length)?;
        let mut bytes = Vec::new();
        file.take(length.saturating_add(1)).read_to_end(&mut bytes).map_err(FileError::unreadable)?;
        if u64::try_from(bytes.len()).is_ok_and(|read| read > length) {
            return Err(FileError::Grew);
        }
        let file_name = Some(name.to_string_lossy().into_owned());
        Ok(ArgumentBytes { bytes, media_type: media_type_of(Path::new(&name)).to_owned(), file_name })
    }
}

/// The media type by the file extension. Empty if the extension is unknown.
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
