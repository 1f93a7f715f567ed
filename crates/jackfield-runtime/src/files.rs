//! Files of the user's machine that a model may send: only out of folders that the user allowed.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::body::{Given, unescape};
use crate::environment::{Environment, variable};

/// How large a file may be, unless the user says otherwise.
const LIMIT: u64 = 16 * 1024 * 1024;

/// The folders that files may be read from. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Files(Arc<Allowed>);

#[derive(Debug)]
struct Allowed {
    /// As the user wrote them.
    folders: Vec<PathBuf>,
    /// The variable that names them.
    variable: String,
    /// The variable that says how large a file may be, and what it says.
    limit_variable: String,
    limit: Result<u64, String>,
}

impl Files {
    /// No file at all.
    #[cfg(test)]
    pub(crate) fn none() -> Self {
        Self::of("test", &Environment::of::<&str, &str>([]))
    }

    /// Those that `<CONNECTOR>_FILES` and `<CONNECTOR>_FILES_LIMIT` allow.
    pub(crate) fn of(connector: &str, environment: &Environment) -> Self {
        let name = variable(connector, "FILES");
        let folders = environment.get(&name).unwrap_or_default();
        let folders =
            std::env::split_paths(&folders).filter(|folder| !folder.as_os_str().is_empty()).collect();
        let limit_variable = variable(connector, "FILES_LIMIT");
        let limit = match environment.get(&limit_variable) {
            None => Ok(LIMIT),
            Some(text) => text.trim().parse().map_err(|_| text),
        };
        Self(Arc::new(Allowed { folders, variable: name, limit_variable, limit }))
    }

    /// What a model is told of them, where there are any.
    pub(crate) fn advice(&self) -> Option<String> {
        let allowed = &self.0;
        let advice = || format!("A file below {} can be named as `file:///…`.", allowed.shown());
        (!allowed.folders.is_empty()).then(advice)
    }

    /// Reads what stands behind `file:`, a path or `//` and a path.
    pub(crate) fn read(&self, rest: &str) -> Result<Given, String> {
        let allowed = &self.0;
        if allowed.folders.is_empty() {
            return Err(format!(
                "names a file, and the user has allowed no folder to read from: {} names such folders",
                allowed.variable
            ));
        }
        allowed.read(&path_of(rest)?)
    }
}

/// The path of a `file:` address on this machine.
fn path_of(rest: &str) -> Result<PathBuf, String> {
    let path = match rest.strip_prefix("//") {
        Some(rest) => rest.strip_prefix("localhost").filter(|rest| rest.starts_with('/')).unwrap_or(rest),
        None => rest,
    };
    let path = unescape(path).and_then(|path| String::from_utf8(path).ok());
    let path = path.ok_or("names a file with a `%` that is no escape: write it as %25")?;
    if path.contains('\0') {
        return Err("names a file with a character that no path has".to_owned());
    }
    // `file:///C:/x` is how the drives of Windows are spelled.
    let path =
        match path.strip_prefix('/').filter(|rest| cfg!(windows) && rest.as_bytes().get(1) == Some(&b':')) {
            Some(rest) => PathBuf::from(rest),
            None => PathBuf::from(path),
        };
    if !path.is_absolute() {
        return Err("names a file that is not on this machine, or whose path does not begin at its root: \
                    write `file:///folder/name`"
            .to_owned());
    }
    Ok(path)
}

impl Allowed {
    /// The folders, for people and models.
    fn shown(&self) -> String {
        let mut text = String::new();
        for (at, folder) in self.folders.iter().enumerate() {
            let _ = write!(text, "{}{}", if at == 0 { "" } else { " or " }, folder.display());
        }
        text
    }

    fn read(&self, path: &Path) -> Result<Given, String> {
        let limit = self.limit.clone().map_err(|text| {
            format!("cannot be read: {} is {text:?}, and has to be a number of bytes", self.limit_variable)
        })?;
        if path.components().any(|part| part == Component::ParentDir) {
            return Err("names a file by a path that climbs with `..`: write the path without it".to_owned());
        }
        let outside = || format!("names a file outside of what the user has allowed: {}", self.shown());
        let roots: Vec<PathBuf> = self
            .folders
            .iter()
            .filter(|folder| folder.is_absolute())
            .filter_map(|it| it.canonicalize().ok())
            .collect();
        // Nothing outside is looked at: whether a file is there is a fact of its own.
        if !self.folders.iter().chain(&roots).any(|folder| path.starts_with(folder)) {
            return Err(outside());
        }
        let unreadable = |error: &std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => "names a file that is not there".to_owned(),
            _ => format!("names a file that cannot be read: {error}"),
        };
        // Links are followed before it is decided, so that none leads out.
        if roots.is_empty() {
            return Err(
                "names a file that is not there, nor is the folder that the user has allowed".to_owned()
            );
        }
        let is_allowed = |path: &Path| roots.iter().any(|root| path.starts_with(root));
        let settled = path.canonicalize();
        // Of what is not there, the folder that is decides: a link out must not tell what is behind it.
        let nearest = path.ancestors().find_map(|part| part.canonicalize().ok());
        if !nearest.is_some_and(|nearest| is_allowed(settled.as_ref().unwrap_or(&nearest))) {
            return Err(outside());
        }
        let path = settled.map_err(|error| unreadable(&error))?;
        // Before it is opened: opening a pipe would wait for somebody to write into it.
        let is_file = |metadata: std::io::Result<std::fs::Metadata>| match metadata {
            Ok(metadata) if metadata.is_file() => Ok(metadata.len()),
            Ok(_) => Err("names something that is no file".to_owned()),
            Err(error) => Err(unreadable(&error)),
        };
        is_file(path.metadata())?;
        let file = File::open(&path).map_err(|error| unreadable(&error))?;
        let too_large = || {
            format!("names a file of more than {limit} bytes, which is what {} allows", self.limit_variable)
        };
        if is_file(file.metadata())? > limit {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length > limit) {
            return Err(too_large());
        }
        let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        Ok(Given { bytes, media_type: media_type_of(&path).to_owned(), file_name })
    }
}

/// What a file is, by the end of its name; empty where that says nothing.
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
