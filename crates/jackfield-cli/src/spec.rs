//! Finds the document that the user named as a file, a connector.toml, `-`, a URL or a folder.

use std::fs::File;
use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jackfield_build::model::{ConnectorName, nearest};
use jackfield_build::{Fetch as _, GivenDocument, Job, Manifest};

use crate::fetch::HttpFetch;
use crate::folder::{self, ENDINGS};
use crate::{Failure, typed};

/// The maximum number of bytes that are read from stdin or the network. The pipeline has a separate limit, which connector.toml can lower.
pub(crate) const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Returns the path that the user named, or else the connector.toml in this folder.
///
/// # Errors
/// Returns an error if the user named no path, and this folder has no connector.toml.
pub(crate) fn spec_or_here(named: Option<&Path>, command: &str) -> Result<PathBuf, Failure> {
    let here = PathBuf::from("connector.toml");
    match named {
        Some(named) => Ok(named.to_path_buf()),
        None if here.is_file() => Ok(here),
        None => Err(Failure::Other(format!(
            "there is no connector.toml here: name a connector.toml, its folder or a document; see `jackfield help {command}`"
        ))),
    }
}

/// The document that the user named.
#[derive(Debug)]
pub(crate) enum Spec {
    /// A connector.toml.
    Manifest(PathBuf),
    /// A document on disk.
    Document(PathBuf),
    /// A document from stdin or from the network.
    Given {
        document: GivenDocument,
        /// The file name for a copy of the document.
        name: String,
        url: Option<String>,
    },
}

impl Spec {
    /// Finds the document. Reads stdin, and fetches a URL if `fetch` allows it.
    ///
    /// # Errors
    /// Returns an error if the document does not exist, if the path is a folder, or if a URL must not be fetched. The
    /// error contains the commands to run.
    pub(crate) fn find(named: &Path, fetch: bool, command: &str) -> Result<Self, Failure> {
        let text = named.to_string_lossy();
        if text == "-" {
            return Self::from_stdin(command);
        }
        if let Some((scheme, rest)) = text.split_once("://") {
            return match scheme.to_ascii_lowercase().as_str() {
                "http" | "https" if fetch => Self::from_address(&text),
                "http" | "https" => Err(Failure::Other(format!(
                    "{text} is a URL, and fetching it needs --fetch. Run\n\n  {}\n",
                    typed::with_flag("--fetch", command, &text)
                ))),
                "file" => Err(Failure::Other(format!(
                    "{text} is the address of a file: name its path, as in\n\n  {}\n",
                    typed::with_document(rest, command, &text)
                ))),
                _ => Err(Failure::Other(format!("{text} cannot be fetched: only http and https URLs can"))),
            };
        }
        if named.is_dir() {
            if named.join("connector.toml").is_file() {
                return Ok(Self::Manifest(named.join("connector.toml")));
            }
            return Err(folder::listing(named, command));
        }
        let path = if named.exists() { named.to_path_buf() } else { with_ending(named)? };
        let is_manifest = path.extension().is_some_and(|extension| extension == "toml");
        Ok(if is_manifest { Self::Manifest(path) } else { Self::Document(path) })
    }

    fn from_stdin(command: &str) -> Result<Self, Failure> {
        let stdin = std::io::stdin();
        if stdin.is_terminal() {
            return Err(Failure::Other(format!(
                "`-` reads the document from stdin, and stdin is this terminal: pipe a document in, as in\n\n  \
                 jackfield {command} - < openapi.yaml\n"
            )));
        }
        let mut bytes = Vec::new();
        let read = stdin.lock().take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes);
        let length = read.map_err(|error| Failure::Other(format!("cannot read stdin: {error}")))?;
        if length > MOST_BYTES {
            return Err(Failure::Other(format!("the document on stdin has more than {MOST_BYTES} bytes")));
        }
        let name = format!("openapi.{}", ending(&bytes));
        Ok(Self::Given { document: GivenDocument { bytes: bytes.into(), fetched: false }, name, url: None })
    }

    fn from_address(address: &str) -> Result<Self, Failure> {
        let authority = address.split("://").nth(1).and_then(|rest| rest.split(['/', '?', '#']).next());
        if authority.is_some_and(|authority| authority.contains('@')) {
            return Err(Failure::Other(
                "the URL contains a user name or a password: download the document, and name the file instead"
                    .to_owned(),
            ));
        }
        let bytes = HttpFetch::new()
            .fetch(address, MOST_BYTES)
            .map_err(|why| Failure::Other(format!("cannot fetch {address}: {why}")))?;
        // connector.toml stores the URL without its query, which may contain secrets.
        let path = address.split(['?', '#']).next().unwrap_or(address);
        Ok(Self::given(bytes, path, Some(path.to_owned())))
    }

    /// Creates a document from fetched bytes. `path` is the path or URL of the document. The last segment becomes the file name of the
    /// copy.
    pub(crate) fn given(bytes: Vec<u8>, path: &str, url: Option<String>) -> Self {
        let last = path.rsplit('/').next().unwrap_or_default();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let has_ending = |ending: &str| {
            last.strip_suffix(ending).is_some_and(|stem| stem.len() > 1 && stem.ends_with('.'))
        };
        let name = if last.chars().all(is_plain)
            && !last.starts_with('.')
            && ENDINGS.iter().any(|it| has_ending(it))
        {
            last.to_owned()
        } else {
            format!("openapi.{}", ending(&bytes))
        };
        let document = GivenDocument { bytes: Arc::from(bytes), fetched: true };
        Self::Given { document, name, url }
    }

    /// Returns the file with this name, in this folder or in specs/.
    pub(crate) fn local(named: &Path) -> Option<PathBuf> {
        if named.is_dir() { None } else { with_ending(named).ok() }
    }

    /// Returns the bytes of the document.
    ///
    /// # Errors
    /// Returns an error if the user named a connector.toml, or if the file cannot be read.
    pub(crate) fn bytes(&self) -> Result<Arc<[u8]>, Failure> {
        let path = match self {
            Self::Given { document, .. } => return Ok(document.bytes.clone()),
            Self::Document(path) => path,
            Self::Manifest(path) => {
                return Err(Failure::Other(format!("{} is not an OpenAPI document", path.display())));
            }
        };
        let cannot = |error| Failure::Other(format!("cannot read {}: {error}", path.display()));
        let mut bytes = Vec::new();
        let read = File::open(path).and_then(|file| file.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes));
        match read.map_err(cannot)? {
            length if length > MOST_BYTES => {
                Err(Failure::Other(format!("{} has more than {MOST_BYTES} bytes", path.display())))
            }
            _ => Ok(bytes.into()),
        }
    }

    /// Returns the job for the document, with the choices of a connector.toml if there is one.
    ///
    /// # Errors
    /// Returns an error if connector.toml cannot be read or parsed.
    pub(crate) fn job(self, name: Option<&ConnectorName>) -> Result<Job, Failure> {
        Ok(match self {
            Self::Manifest(path) => Job::new(Manifest::read(&path)?),
            Self::Document(path) => Job::new(Manifest::for_document(&path, name.cloned())),
            Self::Given { document, name: file, url } => {
                let manifest = Manifest::for_document(Path::new(&file), name.cloned());
                let mut job = Job::new(manifest.published_at(url));
                job.given = Some(document);
                job
            }
        })
    }
}

/// Finds a document that was named without its extension, at that path or in specs/.
fn with_ending(named: &Path) -> Result<PathBuf, Failure> {
    let is_bare = named.components().count() == 1;
    let in_specs = is_bare.then(|| Path::new("specs").join(named));
    let places = [Some(named.to_path_buf()), in_specs];
    for place in places.iter().flatten() {
        let with = |ending: &&str| {
            let mut name = place.clone().into_os_string();
            name.push(".");
            name.push(ending);
            PathBuf::from(name)
        };
        let found =
            std::iter::once(place.clone()).chain(ENDINGS.iter().map(with)).find(|path| path.is_file());
        if let Some(found) = found {
            return Ok(found);
        }
    }
    let mut text = format!("there is no {}", named.display());
    let parent = named.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let wanted = named.file_name().unwrap_or_default().to_string_lossy();
    let beside = folder::names(parent);
    if let Some(near) = nearest(&wanted, beside.iter().map(String::as_str)) {
        let near = if parent == Path::new(".") { PathBuf::from(near) } else { parent.join(near) };
        text.push_str(&format!("; did you mean {}?", near.display()));
    }
    Err(Failure::Other(text))
}

/// Returns the file extension that fits the content of a document without a file name.
fn ending(bytes: &[u8]) -> &'static str {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if text.trim_ascii_start().starts_with(b"{") { "json" } else { "yaml" }
}
