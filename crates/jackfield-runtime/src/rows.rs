//! The tables of connectors. Generated code declares them as constants under the names of [`v1`](crate::v1);
//! tables that are built from a document at run time live as long as their owner.

pub use crate::call::held_rows::{ConnectorRows, OwnedRows, ToolHandle};
pub use crate::call::rows::{
    Client, Command, Connector, Flow, Group, Job, Merge, Need, Paging, ParameterSetting, Preset, Prompt,
    PromptArgument, RateLimit, ReplyRow, Resource, Schema, Scheme, Server, ServerVariable, Tool,
};
pub use crate::call::withheld_tool::{WithheldTool, WithheldTools};
