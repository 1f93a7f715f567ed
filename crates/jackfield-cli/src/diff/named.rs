//! The arguments OLD and NEW of `jackfield diff`: files, folders and git revisions.

use std::fmt;
use std::path::{Path, PathBuf};

use jackfield_build::diff::Report;
use jackfield_build::model::shell_quoted;
use jackfield_build::{Job, Manifest, Modelled, Watcher, compare, model_of};

use super::git::{self, Revision};
use super::snapshot::Snapshot;
use crate::Failure;
use crate::document_options::ReadingOptions;
use crate::spec::Spec;

/// One of the two connectors.
#[derive(Clone, Debug)]
pub(crate) enum Named {
    /// A document or connector on disk, `-`, or a URL.
    Present(PathBuf),
    /// A file or folder as it was in a git revision.
    Past(Revision, PathBuf),
}

/// Compares two models. The name of a document without connector.toml comes from the file name, so it is not compared.
pub(crate) fn compare_named(named: [&Named; 2], mut before: Modelled, after: &Modelled) -> Report {
    if named.into_iter().any(Named::is_document) {
        before.connector.name = after.connector.name.clone();
    }
    compare(&before, after)
}

impl Named {
    /// Parses OLD and NEW. An existing path takes precedence over a revision of the same name. A revision without a path uses the path of
    /// the other argument.
    ///
    /// # Errors
    /// Returns an error if an argument is neither a path nor a revision.
    pub(crate) fn both(old: &str, new: &str) -> Result<[Self; 2], Failure> {
        let (first, second) = (Text::of(old)?, Text::of(new)?);
        let path = [&first, &second].into_iter().find_map(Text::path).unwrap_or_else(|| PathBuf::from("."));
        if first.is_stdin() && second.is_stdin() {
            return Err(Failure::Other("only one of OLD and NEW can be `-`".to_owned()));
        }
        Ok([first, second].map(|text| match text {
            Text::Path(path) => Self::Present(path),
            Text::Whole(revision) => Self::Past(revision, path.clone()),
            Text::Part(revision, path) => Self::Past(revision, path),
        }))
    }

    /// Returns whether the argument is a document without a connector.toml.
    pub(crate) fn is_document(&self) -> bool {
        let (Self::Present(path) | Self::Past(_, path)) = self;
        match self {
            Self::Present(_) => !path.is_dir() && path.extension().is_none_or(|it| it != "toml"),
            Self::Past(..) => path.extension().is_some_and(|it| it == "json" || it == "yaml" || it == "yml"),
        }
    }

    /// Reads the connector, and returns its decided model.
    ///
    /// # Errors
    /// Returns an error if the document or its connector.toml cannot be read.
    pub(crate) fn model(
        &self,
        options: ReadingOptions,
        watcher: Option<Watcher>,
    ) -> Result<Modelled, Failure> {
        let (mut job, snapshot) = match self {
            Self::Present(path) => (Spec::find(path, options.fetch, "diff")?.job(None)?, None),
            Self::Past(revision, path) => {
                let snapshot = Snapshot::of(revision, path)?;
                let job = match snapshot.manifest() {
                    Some(file) => {
                        let text = git::read_text(&snapshot.path().join(file))?;
                        let folder = snapshot.path().join(file.parent().unwrap_or(Path::new("")));
                        let shown = format!("{}:{}", revision.as_str(), file.display());
                        Job::new(Manifest::parse(&shown, &text, &folder)?)
                    }
                    None => Job::new(Manifest::for_document(&snapshot.document(), None)),
                };
                let mut job = job;
                job.shown_as = self.to_string();
                (job, Some(snapshot))
            }
        };
        job.manifest = options.apply(job.manifest);
        if let Some(watcher) = watcher {
            job.watcher = watcher;
        }
        let modelled = model_of(&job.telling_added_origins())?;
        // The files of the revision are no longer needed.
        drop(snapshot);
        Ok(modelled)
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Present(path) => write!(f, "{}", path.display()),
            Self::Past(revision, path) => write!(f, "{}:{}", revision.as_str(), path.display()),
        }
    }
}

/// An argument of the command line.
enum Text {
    Path(PathBuf),
    Whole(Revision),
    Part(Revision, PathBuf),
}

impl Text {
    fn of(text: &str) -> Result<Self, Failure> {
        let path = Path::new(text);
        if text == "-" || text.contains("://") || path.exists() {
            return Ok(Self::Path(path.to_path_buf()));
        }
        let (revision, part) = match text.split_once(':') {
            Some((revision, part)) => (revision, Some(part)),
            None => (text, None),
        };
        let Some(revision) = Revision::parse(revision)? else {
            // The message about a missing file suggests similar file names.
            let found = Spec::find(path, false, "diff").map(|_| ());
            return match found {
                Ok(()) => Ok(Self::Path(path.to_path_buf())),
                Err(Failure::Other(why)) => Err(Failure::Other(format!(
                    "{why}\n\n{} is not a git revision of this repository either",
                    shell_quoted(text)
                ))),
                Err(other) => Err(other),
            };
        };
        Ok(match part {
            None => Self::Whole(revision),
            Some("") => Self::Part(revision, PathBuf::from(".")),
            Some(part) => Self::Part(revision, PathBuf::from(part)),
        })
    }

    /// Returns the path that the other argument uses if it is a revision without a path.
    fn path(&self) -> Option<PathBuf> {
        match self {
            Self::Path(path) if path != Path::new("-") => Some(path.clone()),
            Self::Part(_, path) => Some(path.clone()),
            Self::Path(_) | Self::Whole(_) => None,
        }
    }

    fn is_stdin(&self) -> bool {
        matches!(self, Self::Path(path) if path == Path::new("-"))
    }
}
