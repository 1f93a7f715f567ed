//! The tables of connectors with the lifetime of their owner. They are constants in generated code, which
//! uses the names of [`v1`](crate::v1), or are built from a document at run time.

pub use crate::call::held_rows::{ConnectorRows, OwnedRows, ToolHandle};
pub use crate::call::rows::{
    Client, Command, Connector, Flow, Group, Need, ParameterSetting, RateLimit, ReplyRow, Schema, Scheme,
    Server, ServerVariable, Tool,
};
