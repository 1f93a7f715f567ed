//! Replaces filters in a connector that is built without the feature `jq`.

use super::jq_error::JqError;

/// A type without values, because a connector without the feature `jq` cannot compile a filter.
#[derive(Debug)]
pub(crate) enum JqFilter {}

impl JqFilter {
    pub(crate) fn compile(_: &str) -> Result<Self, JqError> {
        Err(JqError::new("this connector is built without the feature `jq` of `jackfield-runtime`"))
    }

    pub(crate) fn run(&self, _: &str) -> Option<Result<String, JqError>> {
        match *self {}
    }
}
