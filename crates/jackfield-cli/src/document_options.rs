//! The options of commands that only read a document.

use std::path::Path;

use jackfield_build::Job;
use jackfield_build::model::ConnectorName;

use crate::Failure;
use crate::spec::Spec;
use crate::wording::Wording;

#[derive(clap::Args, Debug)]
pub(crate) struct DocumentOptions {
    /// Show each finding instead of grouping them
    #[arg(long)]
    pub(crate) all: bool,
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
        let mut job = Spec::find(spec, self.fetch, command)?.job(name)?;
        job.manifest = job.manifest.allowing_outside(self.outside).worded(self.wording.map(Into::into));
        Ok(job)
    }
}
