//! Errors of calls that got no reply.

use std::fmt;

use super::account_missing::AccountMissing;
use super::form::FormError;
use super::merged::MergeError;
use super::outcome_code::OutcomeCode;
use super::policy::audit::AuditError;
use super::policy::not_approved::NotApproved;
use super::policy::rate::RateExceeded;
use super::remote_error::RemoteError;
use super::request::{SourceRequest, TargetKind};
use super::surface::error::SurfaceError;
use super::unknown::UnknownName;
use super::upstream::refusal::UpstreamRefusal;
use crate::auth::{AuthError, OriginNotPermitted};
use crate::call::args::ArgError;
use crate::call::schema::ArgumentsError;
use crate::call::server_error::ServerError;
use crate::common::caller::Capabilities;
use crate::common::environment::Setting;
use crate::engine::admission::AdmissionError;
use crate::transport::destinations::RefusedDestination;
use crate::transport::error::{Acted, SendError};
use crate::transport::send_problem::SendProblem;

/// An error of a call that got no reply. Every message is written for a model.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum CallError {
    /// The arguments do not fit the input schema. Nothing was sent.
    Arguments(ArgumentsError),
    /// The arguments select no operation of a merged tool, or several. Nothing was sent.
    Merge(MergeError),
    /// An argument cannot be put into the request. Nothing was sent.
    Bind(ArgError),
    /// The call lacks credentials. Nothing was sent.
    Auth(AuthError),
    /// Credentials may not be sent to the origin of the call. Nothing was sent.
    Withheld(OriginNotPermitted),
    /// The base URL is unknown. Nothing was sent.
    Base(ServerError),
    /// Too many calls are in flight, or they hold too many bytes. Nothing was sent.
    Busy(AdmissionError),
    /// The name of the tool, resource or prompt is unknown. Nothing was sent.
    Unknown(UnknownName),
    /// The tool is withheld until a person accepts it. Contains the name of the tool. Nothing was sent.
    NotAccepted(String),
    /// A tool of the search surface cannot answer the request. Nothing was sent.
    Surface(SurfaceError),
    /// The caller may not see the target, so the message equals the message for an unknown name. Nothing was
    /// sent.
    NotPermitted(UnknownName),
    /// The caller may see the merged tool, but may not call the operation that its arguments select. Nothing was sent.
    OperationNotPermitted {
        /// The name of the merged tool.
        tool: String,
        /// The name of the operation.
        operation: String,
    },
    /// The caller may not make this call with these arguments. The text names the rule. Nothing was sent.
    ArgumentsNotPermitted(String),
    /// The caller's token lacks scopes. Contains all scopes that the call needs. Nothing was sent.
    InsufficientScope(Vec<String>),
    /// The caller has made too many calls. Nothing was sent.
    RateExceeded(RateExceeded),
    /// A person did not approve the call. Nothing was sent.
    NotApproved(NotApproved),
    /// The call asks questions, and continues when the caller repeats it with the answers. Nothing was sent.
    InputRequired,
    /// The call asks for input, and the caller's client lacks these capabilities. Nothing was sent.
    MissingCapability(Capabilities),
    /// Hand-written code asked a question with a form that clients cannot show. Nothing was sent.
    Form(FormError),
    /// The audit of the call could not be written. Nothing was sent.
    NotAudited(AuditError),
    /// The deadline passed. Nothing was sent.
    Late(LateCall),
    /// The IP address of the host is more private than the user has allowed. Nothing was sent.
    Private(RefusedDestination),
    /// The service has asked for a pause, or has failed too often. Nothing was sent.
    Upstream(UpstreamRefusal),
    /// Another MCP server failed.
    Remote(RemoteError),
    /// The call needs an account of its caller, which is not connected. Nothing was sent.
    Account(Box<AccountMissing>),
    /// The service answered, but the reply cannot be used as the contents of a resource.
    Unreadable {
        /// The message for the caller.
        text: String,
        /// Whether the reply says that the resource does not exist.
        is_absent: bool,
    },
    /// The request may have been sent, and no reply was received.
    Send {
        /// The method and the path.
        route: String,
        /// The cause.
        error: SendError,
    },
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arguments(error) => error.fmt(f),
            Self::Merge(error) => error.fmt(f),
            Self::Withheld(why) => write!(f, "{why} Nothing was sent."),
            Self::Private(refusal) => write!(f, "{refusal}\nNothing was sent."),
            Self::Bind(error) => write!(f, "The argument {error}; nothing was sent."),
            Self::Auth(error) => write!(f, "There are {error}."),
            Self::Busy(why) => write!(f, "The call was not made: {why}. Nothing was sent."),
            Self::Late(late) => write!(f, "The call timed out while {late}"),
            Self::Unknown(unknown) => unknown.fmt(f),
            Self::NotAccepted(tool) => write!(
                f,
                "The tool `{tool}` is withheld: it is new or has changed, and the person who runs this server has not accepted it yet. \
                 Nothing was sent. Calling it again does not help until then; tell the user."
            ),
            Self::Surface(error) => error.fmt(f),
            Self::NotPermitted(unknown) => unknown.fmt(f),
            Self::OperationNotPermitted { tool, operation } => {
                write!(
                    f,
                    "With these arguments, `{tool}` calls the operation {operation}, which is not permitted. Nothing was \
                     sent."
                )
            }
            Self::ArgumentsNotPermitted(rule) => {
                write!(f, "These arguments are not permitted: {rule}. Nothing was sent.")
            }
            Self::InsufficientScope(scopes) => {
                write!(
                    f,
                    "The token lacks a scope: this call needs `{}`. Nothing was sent.",
                    scopes.join(" ")
                )
            }
            Self::RateExceeded(why) => write!(f, "The call was not made: {why}. Nothing was sent."),
            Self::NotApproved(why) => write!(f, "The call was not approved: {why}. Nothing was sent."),
            Self::InputRequired => f.write_str("The call waits for answers of its caller. Nothing was sent."),
            Self::MissingCapability(missing) => {
                write!(f, "The call needs a client that supports {missing}. Nothing was sent.")
            }
            Self::Form(error) => write!(f, "The call asks a question that clients cannot show: {error}."),
            Self::NotAudited(why) => write!(f, "The call could not be audited: {why}. Nothing was sent."),
            Self::Base(error) => write!(f, "The request has no address: {error}. Nothing was sent."),
            Self::Upstream(why) => write!(f, "The call was not made: {why}. Nothing was sent."),
            Self::Remote(error) => error.fmt(f),
            Self::Account(missing) => missing.fmt(f),
            Self::Unreadable { text, .. } => f.write_str(text),
            Self::Send { route, error } => f.write_str(&error.describe(route)),
        }
    }
}

impl std::error::Error for CallError {}

/// The deadline of a call passed during this step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateCall {
    phase: LatePhase,
    /// The variable that sets the time limit.
    variable: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LatePhase {
    Checking,
    Credentials,
    Approval,
}

impl LateCall {
    pub(crate) fn new(phase: LatePhase, connector: &str) -> Self {
        Self { phase, variable: Setting::Timeout.variable(connector) }
    }
}

impl fmt::Display for LateCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { phase, variable } = self;
        let (phase, step) = match phase {
            LatePhase::Checking => ("its arguments were checked", "Send less"),
            LatePhase::Credentials => ("its credentials were fetched", "Call it again a little later"),
            LatePhase::Approval => {
                return f.write_str(
                    "it waited for an approval. Nothing was sent. Call it again when somebody can approve it.",
                );
            }
        };
        write!(
            f,
            "{phase}. Nothing was sent. {step}; if that fails too, the user has to allow more seconds, with {variable} or \
             `total` in `[timeout]` of connector.toml."
        )
    }
}

impl CallError {
    /// The error for a request that its source cannot answer.
    pub fn unknown(request: &SourceRequest) -> Self {
        Self::Unknown(UnknownName::target_of(request))
    }

    /// Creates the error for an unknown name.
    pub(crate) fn unknown_tool(name: &str) -> Self {
        Self::Unknown(UnknownName::tool(name))
    }

    /// Replaces the connector's own names of tools, resources and prompts with the names that clients see.
    pub(crate) fn rename(&mut self, shown: &dyn Fn(TargetKind, &str) -> String) {
        match self {
            Self::Unknown(unknown) | Self::NotPermitted(unknown) => unknown.rename(shown),
            Self::NotAccepted(tool) => *tool = shown(TargetKind::Tool, tool),
            Self::OperationNotPermitted { tool, operation } => {
                *tool = shown(TargetKind::Tool, tool);
                *operation = shown(TargetKind::Tool, operation);
            }
            Self::Merge(error) => error.rename(&|own| shown(TargetKind::Tool, own)),
            Self::Arguments(error) => error.rename(&|own| shown(TargetKind::Tool, own)),
            _ => {}
        }
    }

    /// Returns the rule that refused the call, for the audit.
    pub(crate) fn rule(&self) -> Option<String> {
        match self {
            Self::ArgumentsNotPermitted(rule) => Some(rule.clone()),
            Self::InsufficientScope(scopes) => Some(format!("needs the scopes {}", scopes.join(" "))),
            Self::RateExceeded(exceeded) => Some(exceeded.limit.clone()),
            _ => None,
        }
    }

    /// Returns the id of the approval that the call waits for or that was refused, for the audit.
    pub(crate) fn approval(&self) -> Option<&str> {
        match self {
            Self::NotApproved(NotApproved::Waiting { id, .. } | NotApproved::Denied { id, .. }) => Some(id),
            _ => None,
        }
    }

    /// Returns the number of requests that were sent.
    pub(crate) fn attempts(&self) -> u32 {
        match self {
            Self::Send { error, .. } => error.attempts(),
            _ => 0,
        }
    }

    /// Returns the outcome code of the failure.
    pub fn code(&self) -> OutcomeCode {
        match self {
            Self::Arguments(_) | Self::Merge(_) | Self::Bind(_) => OutcomeCode::InvalidArguments,
            Self::Auth(_) | Self::Account(_) => OutcomeCode::NoCredential,
            Self::Withheld(_) => OutcomeCode::OriginNotPermitted,
            Self::Base(_) => OutcomeCode::NoAddress,
            Self::Busy(_) => OutcomeCode::Busy,
            Self::Unknown(_) => OutcomeCode::Unknown,
            Self::NotAccepted(_) => OutcomeCode::NotAccepted,
            Self::Surface(error) => error.code(),
            Self::NotPermitted(_) | Self::OperationNotPermitted { .. } | Self::ArgumentsNotPermitted(_) => {
                OutcomeCode::NotPermitted
            }
            Self::InsufficientScope(_) => OutcomeCode::InsufficientScope,
            Self::RateExceeded(_) => OutcomeCode::RateExceeded,
            Self::NotApproved(NotApproved::Refused(_) | NotApproved::Denied { .. }) => {
                OutcomeCode::NotApproved
            }
            Self::NotApproved(NotApproved::Waiting { .. }) => OutcomeCode::ApprovalPending,
            Self::NotApproved(NotApproved::Asked) | Self::InputRequired => OutcomeCode::InputRequired,
            Self::MissingCapability(_) => OutcomeCode::MissingCapability,
            Self::Form(_) | Self::Unreadable { .. } => OutcomeCode::Refused,
            Self::NotAudited(_) => OutcomeCode::NotAudited,
            Self::Late(_) => OutcomeCode::Late,
            Self::Private(_) => OutcomeCode::PrivateAddress,
            Self::Upstream(why) if why.is_limit() => OutcomeCode::UpstreamLimited,
            Self::Upstream(_) => OutcomeCode::UpstreamDown,
            Self::Remote(error) => error.code(),
            Self::Send { error, .. } => match error.acted() {
                Acted::No => match error.problem() {
                    SendProblem::Refused(_) | SendProblem::RefusedAddress(_) => OutcomeCode::PrivateAddress,
                    SendProblem::LateCredentials | SendProblem::LateSignature => OutcomeCode::Late,
                    _ => OutcomeCode::NotSent,
                },
                Acted::Perhaps => OutcomeCode::NoAnswer,
                Acted::Yes(_) => OutcomeCode::UnreadableReply,
            },
        }
    }
}

/// A signer was set for a scheme that the connector does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSuchScheme {
    pub(super) scheme: String,
    pub(super) known: Vec<String>,
}

impl fmt::Display for NoSuchScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the connector has no security scheme `{}` that a signer can sign for; it has {}",
            self.scheme,
            self.known.join(", ")
        )
    }
}

impl std::error::Error for NoSuchScheme {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::origin::Origin;
    use crate::common::environment::Environment;
    use crate::transport::destinations::Destinations;
    use crate::v1::Connector;
    use jackfield_recipe::AddressClass;

    static SHOP: Connector = Connector::new("shop");

    #[test]
    fn outcome_code_of_a_request_that_was_not_sent_depends_on_the_problem() {
        let destinations = Destinations::of(&SHOP, &Environment::of::<String, String>([]));
        let origin = Origin::parse("http://127.0.0.1").unwrap();
        let refusal = destinations.refusal(&origin, AddressClass::Loopback, None);
        for (problem, code) in [
            (SendProblem::Refused(refusal), OutcomeCode::PrivateAddress),
            (SendProblem::LateCredentials, OutcomeCode::Late),
            (SendProblem::LateSignature, OutcomeCode::Late),
            (SendProblem::NotHttp, OutcomeCode::NotSent),
            (SendProblem::Handshake("its certificate has expired".to_owned()), OutcomeCode::NotSent),
        ] {
            let error = CallError::Send { route: "GET /".to_owned(), error: SendError::unsent(problem) };
            assert_eq!(error.code(), code, "{error}");
        }
        let error = SendError::unanswered(SendProblem::NoAnswer { seconds: 50 });
        let error = CallError::Send { route: "GET /".to_owned(), error };
        assert_eq!(error.code(), OutcomeCode::NoAnswer);
    }
}
