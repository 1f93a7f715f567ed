//! Filters in a connector that is built without the feature `jq`.

/// A connector without the feature `jq` has no value of this type.
#[derive(Debug)]
pub(crate) enum JqFilter {}

impl JqFilter {
    pub(crate) fn compile(_: &str) -> Result<Self, String> {
        Err("this connector is built without the feature `jq` of `jackfield-runtime`".to_owned())
    }

    pub(crate) fn run(&self, _: &str) -> Option<Result<String, String>> {
        match *self {}
    }
}
