//! Names that no source has.

use std::fmt;

use super::request::{SourceRequest, TargetKind};

/// The maximum number of characters of an unknown name that a message repeats. Names of tools are not longer.
const LONGEST_NAME: usize = 64;

/// A tool, resource or prompt that no source has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    kind: TargetKind,
    name: String,
    pub(super) near: Option<String>,
    /// The remedy, if the name exists elsewhere.
    advice: Option<String>,
}

impl UnknownName {
    /// Creates the error for a tool name that no source has.
    pub(crate) fn tool(name: &str) -> Self {
        Self::new(TargetKind::Tool, name)
    }

    /// Creates the error for a request whose target no source has.
    pub(crate) fn target_of(request: &SourceRequest) -> Self {
        let (kind, name) = request.target();
        Self::new(kind, name)
    }

    fn new(kind: TargetKind, name: &str) -> Self {
        Self { kind, name: name.chars().take(LONGEST_NAME).collect(), near: None, advice: None }
    }

    /// Returns the kind of the target.
    pub(crate) const fn kind(&self) -> TargetKind {
        self.kind
    }

    /// Returns the unknown name, shortened.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Replaces the connector's own names with the names that clients see.
    pub(crate) fn rename(&mut self, shown: &dyn Fn(TargetKind, &str) -> String) {
        self.name = shown(self.kind, &self.name);
        self.near = self.near.take().map(|near| shown(self.kind, &near));
    }

    /// Adds the name that was probably meant.
    pub(crate) fn with_near(mut self, near: Option<&str>) -> Self {
        self.near = near.map(str::to_owned);
        self
    }

    /// Adds the remedy.
    pub(crate) fn with_advice(mut self, advice: String) -> Self {
        self.advice = Some(advice);
        self
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TargetKind::Tool => write!(f, "there is no tool `{}`", self.name)?,
            TargetKind::Resource => write!(f, "there is no resource `{}`", self.name)?,
            TargetKind::Prompt => write!(f, "there is no prompt `{}`", self.name)?,
            TargetKind::Completion => write!(f, "there are no completions for `{}`", self.name)?,
        }
        if let Some(advice) = &self.advice {
            write!(f, "; {advice}")?;
        }
        self.near.as_ref().map_or(Ok(()), |near| write!(f, "; did you mean `{near}`?"))
    }
}

impl std::error::Error for UnknownName {}
