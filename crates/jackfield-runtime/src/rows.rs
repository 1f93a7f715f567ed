//! The tables that describe connectors. Generated code declares them as constants, under the names in [`v1`](crate::v1). Tables that are
//! built from a document at run time are freed with the last clone of their [`ConnectorRows`].

pub use crate::call::held_rows::{ConnectorRows, OwnedRows, ToolHandle};
pub use crate::call::rows::{
    Client, Command, Connector, Flow, Group, Job, Merge, Need, Paging, ParameterSetting, Preset, Prompt,
    PromptArgument, RateLimit, ReplyRow, Resource, Schema, Scheme, Server, ServerVariable, Tool,
};
pub use crate::call::withheld_tool::{WithheldTool, WithheldTools};
