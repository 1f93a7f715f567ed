//! Resources, prompts and documentation: the contents that connector.toml adds to the tools.

pub(crate) mod completion_values;
pub(crate) mod markdown;
pub(crate) mod page_address;
pub(crate) mod pages;
pub(crate) mod prompts;
pub(crate) mod resources;
pub(crate) mod tool_contents;
