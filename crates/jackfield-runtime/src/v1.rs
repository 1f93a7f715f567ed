//! The API for generated code, which uses nothing else in this crate.
//!
//! If a change would break existing generated code, the number in the constant below changes. A connector of
//! the old contract then fails to build, and the missing name says what to do.

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
/// Everything that was generated from one document.
pub type Connector = rows::Connector<'static>;
/// An OAuth 2.0 flow and its endpoints.
pub type Flow = rows::Flow<'static>;
/// The tools of one tag.
pub type Group = rows::Group<'static>;
/// How the status of a job is read that a tool starts.
pub type Job = rows::Job<'static>;
/// A tool that calls one of several operations.
pub type Merge = rows::Merge<'static>;
/// A security requirement.
pub type Need = rows::Need<'static>;
/// How a tool divides its list into pages.
pub type Paging = rows::Paging<'static>;
/// A parameter that is a setting instead of an argument.
pub type ParameterSetting = rows::ParameterSetting<'static>;
/// A limit on the calls of each caller.
pub type RateLimit = rows::RateLimit<'static>;
/// A decision of connector.toml about a value of the arguments.
pub type Preset = rows::Preset<'static>;
/// A prompt.
pub type Prompt = rows::Prompt<'static>;
/// An argument of a prompt.
pub type PromptArgument = rows::PromptArgument<'static>;
/// A rule for the replies of tools.
pub type ReplyRow = rows::ReplyRow<'static>;
/// How clients read an operation as a resource.
pub type Resource = rows::Resource<'static>;
/// A schema of a pool.
pub type Schema = rows::Schema<'static>;
/// A security scheme.
pub type Scheme = rows::Scheme<'static>;
/// A base URL.
pub type Server = rows::Server<'static>;
/// A variable in a server URL.
pub type ServerVariable = rows::ServerVariable<'static>;
/// A tool made from one operation.
pub type Tool = rows::Tool<'static>;

/// Generated code names the contract for which it was generated. If the compiler cannot find this name, the
/// versions of the connector and the runtime differ: run `jackfield gen` beside connector.toml, with the
/// `jackfield` of this runtime.
#[allow(
    non_upper_case_globals,
    reason = "the name of the constant is the error message for an outdated connector"
)]
pub const contract_1_is_missing__run_jackfield_gen_to_match_this_jackfield_runtime: () = ();

/// Generated code names this if connector.toml has a filter in the language of jq. If the compiler cannot find this name, write
/// `features = ["jq"]` at `jackfield-runtime` in Cargo.toml.
#[cfg(feature = "jq")]
#[allow(non_upper_case_globals, reason = "the name is the message that the author of a connector reads")]
pub const feature_jq_is_missing__add_it_to_jackfield_runtime_in_Cargo_toml: () = ();
