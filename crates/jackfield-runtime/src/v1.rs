//! The API for generated code, which uses nothing else in this crate.
//!
//! If a change breaks existing generated code, the number in the name of the constant below changes. A connector that was generated for the
//! old contract then fails to build, and the missing name says what to do.

pub use jackfield_recipe::{
    Ask, Caching, Effect, Encoding, JobResult, Location, Payload, RetryLimits, SurfaceKind, TimeLimits,
};

pub use crate::call::args::{ArgError, Args, Input};
pub use crate::call::request::Request;
pub use crate::call::rows::{Bind, ClientAuthentication, FlowKind};
use crate::rows;

/// The OAuth client that the connector uses.
pub type Client = rows::Client<'static>;
/// A command that prints a credential.
pub type Command = rows::Command<'static>;
/// The table of a connector: everything that was generated from one document.
pub type Connector = rows::Connector<'static>;
/// An OAuth 2.0 flow and its endpoints.
pub type Flow = rows::Flow<'static>;
/// The tools of one tag.
pub type Group = rows::Group<'static>;
/// Describes how to read the status of a job that a tool starts.
pub type Job = rows::Job<'static>;
/// A merged tool, which calls one of several operations.
pub type Merge = rows::Merge<'static>;
/// A security requirement: a scheme, and the scopes that the operation needs.
pub type Need = rows::Need<'static>;
/// The pagination of a tool.
pub type Paging = rows::Paging<'static>;
/// A parameter that a setting provides, instead of an argument.
pub type ParameterSetting = rows::ParameterSetting<'static>;
/// A limit on the calls of each caller.
pub type RateLimit = rows::RateLimit<'static>;
/// A value of an argument that connector.toml fixes, gives a default, or hides.
pub type Preset = rows::Preset<'static>;
/// A prompt.
pub type Prompt = rows::Prompt<'static>;
/// An argument of a prompt.
pub type PromptArgument = rows::PromptArgument<'static>;
/// A rule of connector.toml for the replies of tools.
pub type ReplyRow = rows::ReplyRow<'static>;
/// Describes how clients read the replies of an operation as a resource.
pub type Resource = rows::Resource<'static>;
/// A schema in the schema pool of a connector.
pub type Schema = rows::Schema<'static>;
/// A security scheme.
pub type Scheme = rows::Scheme<'static>;
/// A base URL.
pub type Server = rows::Server<'static>;
/// A variable in a server URL.
pub type ServerVariable = rows::ServerVariable<'static>;
/// A tool made from one operation.
pub type Tool = rows::Tool<'static>;

/// Generated code refers to this constant, whose name contains the number of the contract. If the compiler cannot find the name, the
/// versions of the connector and the runtime differ: run `jackfield gen` beside connector.toml, with the `jackfield` of this runtime.
#[allow(
    non_upper_case_globals,
    reason = "the name of the constant is the error message for an outdated connector"
)]
pub const contract_1_is_missing__run_jackfield_gen_to_match_this_jackfield_runtime: () = ();

/// Generated code refers to this constant if connector.toml contains a jq filter. If the compiler cannot find the name, add `features =
/// ["jq"]` to the dependency `jackfield-runtime` in Cargo.toml.
#[cfg(feature = "jq")]
#[allow(non_upper_case_globals, reason = "the name is the message that the author of a connector reads")]
pub const feature_jq_is_missing__add_it_to_jackfield_runtime_in_Cargo_toml: () = ();
