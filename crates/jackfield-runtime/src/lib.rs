//! The runtime that generated connectors link: it turns tool calls into HTTP requests, and replies into tool results.
//!
//! Every call goes through the executor: it validates the arguments, prepares the request with the mapping
//! function, adds credentials, sends the request, and formats the reply. Generated code uses only [`v1`];
//! hand-written tools use [`custom`].

mod app;
mod auth;
mod call;
mod common;
#[cfg(feature = "serve")]
mod control;
pub mod custom;
mod engine;
mod fuzzing;
#[cfg(feature = "serve")]
mod inbound;
mod mcp;
mod mock;
mod reply;
pub mod rows;
mod transport;
pub mod v1;

pub use app::{
    Attached, BaseUrlFlagError, Program, UnreadableAnswers, ask_secrets, check_base_url, end_at_closed_pipe,
    greet_at_terminal, is_connector_command, main, serve_option_takes_value, serve_options_help,
};
pub use auth::of_principals::CallerCredentials;
pub use auth::{
    AuthError, Challenge, Checked, Credential, CredentialPlace, CredentialRequest, CredentialSource,
    Destination, Found, LocalSource, Located, LocatedFuture, LoggedOut, Missing, OAuthError,
    OriginNotPermitted, Outline, ProgramSecrets, ProgramSecretsError, Renewed, Signature, Signer, Signing,
    Teller, TokenStatus, Unsigned, Way, WebClient, WebLogin,
};
pub use call::args::{ArgError, Args};
#[doc(hidden)]
pub use call::record::steps as recorded_steps;
pub use call::schema::ArgumentsError;
pub use call::schema::{ValueMisfit, check_value};
pub use call::server_error::ServerError;
pub use common::budget::BudgetExceeded;
pub use common::caller::{Agent, Caller, Capabilities, Channel, Principal};
pub use common::environment::{Environment, InvalidNumber};
pub use common::identity::Identity;
pub use common::progress::Progress;
pub use common::random::random_id;
pub use common::secret::Secret;
pub use engine::account_missing::{AccountMissing, ConnectLink};
pub use engine::admission::AdmissionError;
pub use engine::answer::Answered;
pub use engine::api::Api;
pub use engine::approval::approvers::{Approvers, MayApprove};
pub use engine::approval::ask_first::AskFirst;
pub use engine::approval::ask_mode::{AskMode, UnknownAskMode};
#[cfg(any(test, feature = "serve"))]
pub use engine::approval::ledger::Undecidable;
pub use engine::approval::outline::ArgumentOutline;
pub use engine::approval::record::{ApprovalRecord, ApprovalState};
pub use engine::client_log::{LogLevel, LogMessage};
pub use engine::context::{ActiveCall, Answer, Asking, CallContext, ConnectedClient, Question, QuestionKind};
pub use engine::current_service::CurrentService;
pub use engine::custom_set::Custom;
pub use engine::destination::CallDestination;
pub use engine::error::{CallError, LateCall, NoSuchScheme};
pub use engine::form::FormError;
pub use engine::header_arguments::{header_arguments, repeats_in_headers};
pub use engine::joined::attached_name::{AttachedName, InvalidAttachedName};
pub use engine::listing::{Listed, ListedPrompt, ListedResource, PromptArgument};
pub use engine::log_feed::LogFeed;
pub use engine::merged::MergeError;
pub use engine::outcome::Outcome;
pub use engine::outcome_code::OutcomeCode;
pub use engine::pending::Pending;
pub use engine::policy::Policies;
pub use engine::policy::approval::{Approval, ApprovalFuture, Approved, Review};
pub use engine::policy::audit::{
    AccountAction, AccountChange, AttachedTarget, Audit, AuditError, AuditEvent, AuditRecord,
    FailedAuthentications, ListPart, RecordedReply, ReplySource,
};
pub use engine::policy::not_approved::NotApproved;
pub use engine::policy::observe::{Observe, ObservedCall};
pub use engine::policy::permit::{Permission, Permit};
pub use engine::policy::rate::{Rate, RateEntry, RateExceeded, RateGuard};
pub use engine::policy::readiness::Readiness;
pub use engine::prepared::{Prepared, PreparedCustom, PreparedHttp, PreparedMcp};
pub use engine::remote_error::{RemoteError, RemoteProblem};
pub use engine::request::{
    Arguments, CompletionValues, PromptAnswer, PromptMessage, Reference, SourceRequest, SourceResponse,
    Target, TargetKind,
};
pub use engine::resource_updates::{ResourceUpdates, ResourceWatch};
#[cfg(feature = "encoder")]
pub use engine::search::{Encoder, EncoderError};
pub use engine::search::{
    Evidence, SearchArgument, SearchDocument, SearchField, SearchHit, SearchIndex, SearchMatch, SearchReason,
    StoredIndexError,
};
pub use engine::service::attach::AttachError;
pub use engine::service::{NameTaken, Service};
pub use engine::source::{CallFuture, JobWait, Source, SourceExecutor};
pub use engine::surface::error::SurfaceError;
pub use engine::unknown::UnknownName;
pub use engine::upstream::refusal::UpstreamRefusal;
#[doc(hidden)]
pub use fuzzing::{RefusedArguments, try_arguments};
pub use jackfield_recipe::{
    AddressClass, Ask, Effect, Encoding, Input, Location, Payload, Step, SurfaceKind, UnknownSurface,
};
pub use mcp::error::ServeError;
#[cfg(feature = "http")]
pub use mcp::http::{HttpServer, HttpToken, serve_http};
pub use mcp::limits::{HttpLimit, HttpLimits, InvalidLimit};
pub use mcp::options::{HttpAddress, HttpAuth, HttpOptions, TlsFiles};
pub use mcp::proxies::TrustedProxies;
pub use mcp::serve::{serve_stdio, serve_streams};
pub use mcp::tools::{entries, listing};
pub use mock::{MockCall, MockCheck, MockError, MockOutcome, check_against_mock};
pub use reply::content::{Content, ResourceBody, ResourceContents};
#[cfg(feature = "jq")]
pub use reply::jq::check_jq;
pub use reply::jq_error::JqError;
pub use reply::tool_result::ToolResult;
pub use transport::authenticate::SigningError;
pub use transport::connect::{CheckedConnector, RefusedAddress};
pub use transport::destinations::RefusedDestination;
pub use transport::error::SendError;
pub use transport::remote_http::{InvalidRemoteUrl, RemoteHttp};
pub use transport::reply::Reply;
pub use transport::service_stream::ServiceStream;
#[cfg(feature = "serve")]
pub use {
    app::{AttachedFiles, ConnectorFiles, UnfitFiles, open_audit},
    auth::{forget_records, vault_paths_of},
    common::timestamp::utc_time,
    control::{
        approvals::Approvals,
        audit::chain::AuditKey,
        audit::journal::AuditJournal,
        audit::log::Retention,
        audit::verify::{AuditProblem, AuditReport, verify as verify_audit},
        metrics::Metrics,
        pins::{PinVersions, Pins, PinsChange},
        readiness::WritableFolder,
        rights::apply::{apply_rights, check_rights},
        rights::error::RightsError,
        rights::fixed::FixedRights,
        store::error::StoreError,
        store::folder::{create_private as create_private_folder, folder_of as state_folder_of},
        store::sqlite::SqliteStore,
        tokens::revoke_token,
    },
    engine::{
        api::explain::piece::{Piece, PieceSource, RequestPart},
        api::explain::{CredentialUse, Explanation},
    },
    mcp::http::pages::{PageCallers, PageRequest, Pages, UnknownCaller},
};
