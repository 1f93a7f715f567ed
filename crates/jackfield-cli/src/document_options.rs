//! The options of commands that only read a document.

use std::path::Path;

use jackfield_build::model::ConnectorName;
use jackfield_build::{Job, Manifest};

use crate::Failure;
use crate::spec::Spec;
use crate::wording::Wording;

#[derive(clap::Args, Debug)]
pub(crate) struct DocumentOptions {
    /// Show each finding instead of grouping them
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) reading: ReadingOptions,
}

/// The options that decide how a document is read.
#[derive(Clone, Copy, clap::Args, Debug, Default)]
pub(crate) struct ReadingOptions {
    /// Let the document refer to files outside its folder
    #[arg(long)]
    pub(crate) outside: bool,
    /// Fetch the document from its URL; never from a private address
    #[arg(long)]
    pub(crate) fetch: bool,
    /// How much text tools have [default: from connector.toml, else lean]
    #[arg(long, value_enum)]
    pub(crate) wording: Option<Wording>,
}

impl DocumentOptions {
    /// Returns the generation job for a document.
    pub(crate) fn job(
        &self,
        command: &str,
        spec: &Path,
        name: Option<&ConnectorName>,
    ) -> Result<Job, Failure> {
        let mut job = Spec::find(spec, self.reading.fetch, command)?.job(name)?;
        job.manifest = self.reading.apply(job.manifest);
        Ok(job)
    }
}

impl ReadingOptions {
    /// Applies the options to a connector.toml.
    pub(crate) fn apply(self, manifest: Manifest) -> Manifest {
        manifest.allowing_outside(self.outside).worded(self.wording.map(Into::into))
    }
}
