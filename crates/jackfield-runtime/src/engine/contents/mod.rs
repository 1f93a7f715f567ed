//! What connector.toml offers besides tools: operations as resources, prompts, and pages about the connector.

pub(crate) mod completion_values;
pub(crate) mod markdown;
pub(crate) mod page_address;
pub(crate) mod pages;
pub(crate) mod prompts;
pub(crate) mod resources;
pub(crate) mod tool_contents;
