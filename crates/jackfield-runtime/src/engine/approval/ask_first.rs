//! The policy that asks a person before calls with effects.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jackfield_recipe::{Ask, hex_encode};
use serde_json::{Map, Value, json};

use super::approvers::{Approvers, LocalApprovers, MayApprove};
use super::ask_mode::{AskMode, Needed};
use super::binding::{self, BindingFacts};
use super::book::{ApprovalBook, ApprovalKey, BookError, MemoryBook};
use super::ledger::{Decision, NewCall};
use super::open_questions::{NotAsked, OpenQuestions};
use super::question;
use super::record::BindingDigest;
use crate::common::clock::Clock;
use crate::common::random::random_bytes;
use crate::engine::context::{ActiveCall, Answer, Asking, CallContext, Question, QuestionKind};
use crate::engine::pending::Pending;
use crate::engine::policy::approval::{Approval, ApprovalFuture, Approved, Review};
use crate::engine::policy::not_approved::NotApproved;
use crate::engine::policy::permit::Permit;
use crate::engine::request::Target;

/// The default lifetime of an approval.
pub(crate) const LIFETIME: Duration = Duration::from_secs(15 * 60);
/// The maximum number of pending approvals of a principal.
pub(crate) const MOST_PENDING: usize = 16;
/// The interval at which a task checks for the decision about its call.
const POLL: Duration = Duration::from_millis(500);

/// Asks a person before calls with effects are sent.
pub struct AskFirst {
    mode: AskMode,
    connector: String,
    /// The command that starts the connector, for messages.
    called: String,
    lifetime: Duration,
    most_pending: usize,
    book: Arc<dyn ApprovalBook>,
    approvers: Arc<dyn Approvers>,
    permit: Option<Arc<dyn Permit>>,
    clock: Clock,
    open: OpenQuestions,
    /// The digest of the files of the connector, if it is served from files.
    files: Option<[u8; 32]>,
    /// Whether the connector was replaced.
    retired: AtomicBool,
}

/// The call that a person decides about.
struct Asked<'a> {
    id: String,
    binding: BindingDigest,
    principal: &'a str,
    summary: &'a str,
}

impl Asked<'_> {
    fn key(&self) -> ApprovalKey<'_> {
        ApprovalKey { id: &self.id, binding: &self.binding, principal: self.principal }
    }
}

impl AskFirst {
    /// Creates the policy that asks about the calls that `mode` selects. Approvals are kept in the memory of this process. `called` is the
    /// command that starts the connector, for messages.
    #[must_use]
    pub fn new(mode: AskMode, connector: &str, called: &str) -> Self {
        Self {
            mode,
            connector: connector.to_owned(),
            called: called.to_owned(),
            lifetime: LIFETIME,
            most_pending: MOST_PENDING,
            book: Arc::new(MemoryBook::default()),
            approvers: Arc::new(LocalApprovers),
            permit: None,
            clock: Clock::of_machine(),
            open: OpenQuestions::default(),
            files: None,
            retired: AtomicBool::new(false),
        }
    }

    /// Sets the store of the approvals.
    #[cfg(feature = "serve")]
    pub(crate) fn with_book(mut self, book: Arc<dyn ApprovalBook>) -> Self {
        self.book = book;
        self
    }

    /// Sets the lifetime of approvals.
    #[must_use]
    pub const fn with_lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Sets who may approve by answering a question.
    #[must_use]
    pub fn with_approvers(mut self, approvers: Arc<dyn Approvers>) -> Self {
        self.approvers = approvers;
        self
    }

    /// Binds approvals to the version of the caller's rights.
    #[must_use]
    pub fn with_rights(mut self, permit: Arc<dyn Permit>) -> Self {
        self.permit = Some(permit);
        self
    }

    /// Binds approvals to the files of the connector: document, connector.toml and jackfield.lock.
    #[cfg(feature = "serve")]
    #[must_use]
    pub(crate) const fn with_files(mut self, digest: Option<[u8; 32]>) -> Self {
        self.files = digest;
        self
    }

    /// Refuses calls that were prepared before the connector changed.
    fn check_valid(&self) -> Result<(), NotApproved> {
        match self.retired.load(Ordering::Acquire) {
            true => {
                Err(NotApproved::new("the connector has changed since this call was prepared; call again"))
            }
            false => Ok(()),
        }
    }

    fn binding(&self, review: &Review<'_>, call: &ActiveCall, principal: &str) -> BindingDigest {
        let facts = BindingFacts {
            principal,
            connector: &self.connector,
            mode: self.mode,
            rights: self.permit.as_ref().map(|permit| permit.version(call.context().caller())),
            lifetime: self.lifetime.as_secs(),
            files: self.files,
        };
        binding::digest(&facts, review)
    }

    async fn decide(&self, review: Review<'_>, call: &ActiveCall) -> Result<Approved, NotApproved> {
        let context = call.context();
        let caller = context.caller();
        let principal = caller.principal().to_string();
        let binding = self.binding(&review, call, &principal);
        let summary = question::summary(&self.connector, &review, caller);
        let new_call = || -> Result<NewCall, NotApproved> {
            Ok(NewCall {
                binding,
                principal: principal.clone(),
                summary: summary.clone(),
                id: new_id()?,
                lifetime: self.lifetime.as_secs(),
                most_pending: self.most_pending,
            })
        };
        let decision = self.book.call(new_call()?, self.clock.seconds()).await;
        let id = match settled(decision)? {
            Settled::Approved(approved) => return Ok(approved),
            Settled::Waiting(id) => id,
        };
        let asked = Asked { id, binding, principal: &principal, summary: &summary };
        let asking = askable(context);
        let may_answer = self.approvers.may_approve(caller) == MayApprove::Own;
        if let Some(asking) = asking.filter(|_| may_answer) {
            return self.ask(asking, &asked).await;
        }
        if !self.book.is_shared() {
            return Err(NotApproved::new(self.no_way(may_answer)));
        }
        if let Some(deferral) = context.deferral()
            && deferral.defer(&self.how_to_approve(&asked)).await
        {
            return self.wait(&asked).await;
        }
        match asking {
            Some(asking) => self.tell(asking, &asked).await,
            None => Err(self.waiting(&asked)),
        }
    }

    /// Asks the caller's user, and applies the answer as the decision.
    async fn ask(&self, asking: &dyn Asking, asked: &Asked<'_>) -> Result<Approved, NotApproved> {
        let _open = self.open(asked)?;
        let message = format!("Approve this call?\n\n{}", asked.summary);
        let schema = json!({
            "type": "object",
            "properties": { "approve": { "type": "boolean", "title": "Approve this call" } },
            "required": ["approve"],
        });
        let approves = match self.put(asking, asked, &message, schema).await {
            Answer::Accepted(form) => form.get("approve") == Some(&Value::Bool(true)),
            Answer::Declined => false,
            Answer::Cancelled | Answer::Failed { .. } => {
                return Err(NotApproved::new("the user closed the question without an answer"));
            }
            Answer::Later => return Err(NotApproved::Asked),
        };
        let answered = self.book.answer(asked.key(), approves, self.clock.seconds()).await;
        match settled(answered)? {
            Settled::Approved(approved) => Ok(approved),
            Settled::Waiting(_) => Err(self.waiting(asked)),
        }
    }

    /// Tells the caller's user how another person can approve the call, because the user's own answer would be sent with the caller's
    /// token. If the other person has approved the call when the user answers, the call continues.
    async fn tell(&self, asking: &dyn Asking, asked: &Asked<'_>) -> Result<Approved, NotApproved> {
        let _open = self.open(asked)?;
        let how = self.how_to_approve(asked);
        let message = format!("{how}\nThen continue here.\n\n{}", asked.summary);
        match self.put(asking, asked, &message, json!({ "type": "object", "properties": {} })).await {
            Answer::Accepted(_) => {}
            Answer::Declined | Answer::Cancelled | Answer::Failed { .. } => return Err(self.waiting(asked)),
            Answer::Later => return Err(NotApproved::Asked),
        }
        let claimed = self.book.claim(asked.key(), self.clock.seconds()).await;
        match settled(claimed)? {
            Settled::Approved(approved) => Ok(approved),
            Settled::Waiting(_) => Err(self.waiting(asked)),
        }
    }

    /// Waits for the decision of another person, while the client polls the call as a task.
    async fn wait(&self, asked: &Asked<'_>) -> Result<Approved, NotApproved> {
        loop {
            self.check_valid()?;
            let claimed = self.book.claim(asked.key(), self.clock.seconds()).await;
            match settled(claimed)? {
                Settled::Approved(approved) => return Ok(approved),
                Settled::Waiting(_) => tokio::time::sleep(POLL).await,
            }
        }
    }

    fn open(&self, asked: &Asked<'_>) -> Result<super::open_questions::OpenQuestion, NotApproved> {
        self.open.open(&asked.id, asked.principal, self.most_pending).map_err(|why| {
            NotApproved::new(match why {
                NotAsked::Open => "the same call already waits for an answer of the user",
                NotAsked::TooMany => "too many calls wait for answers of the user",
            })
        })
    }

    /// Asks the question. Its key is the id of the approval, so an earlier answer cannot answer a new question.
    async fn put(&self, asking: &dyn Asking, asked: &Asked<'_>, message: &str, schema: Value) -> Answer {
        let Value::Object(schema) = schema else { return Answer::Cancelled };
        let key = format!("approval-{}", asked.id);
        let schema: &Map<String, Value> = &schema;
        asking.ask(Question { key: &key, kind: QuestionKind::Form { message, schema } }).await
    }

    fn command(&self, asked: &Asked<'_>) -> String {
        format!("{} approvals approve {}", self.called, asked.id)
    }

    fn how_to_approve(&self, asked: &Asked<'_>) -> String {
        format!(
            "This call waits for a person, who approves it in a terminal of the server with: {}",
            self.command(asked)
        )
    }

    fn waiting(&self, asked: &Asked<'_>) -> NotApproved {
        let remedy = format!("in a terminal of the server, run: {}", self.command(asked));
        NotApproved::Waiting { id: asked.id.clone(), remedy }
    }

    /// Returns the reason for refusing a call if nobody can be asked.
    fn no_way(&self, may_answer: bool) -> String {
        let why = match may_answer {
            true => "the MCP client does not support elicitation",
            false => "an answer over HTTP would come with the caller's own token",
        };
        format!(
            "it needs the approval of a person, and {why}; start the server with --ask never if the client itself asks its \
             user, or build the connector with the feature `serve`, which adds approvals in a terminal"
        )
    }
}

/// Returns the way to ask the caller's user, if the client supports it.
fn askable(context: &CallContext) -> Option<&dyn Asking> {
    context.asking().filter(|_| context.caller().capabilities().elicitation)
}

/// A decision that permits the call, or lets it wait.
enum Settled {
    Approved(Approved),
    Waiting(String),
}

fn settled(decision: Result<Decision, BookError>) -> Result<Settled, NotApproved> {
    match decision {
        Ok(Decision::Spent { id }) => Ok(Settled::Approved(Approved { id: Some(id) })),
        Ok(Decision::Waiting { id }) => Ok(Settled::Waiting(id)),
        Ok(Decision::Denied { id, by }) => Err(NotApproved::Denied { id, by }),
        Ok(Decision::Gone) => Err(NotApproved::new(
            "its approval has expired or was already used; call again to ask a person again",
        )),
        Err(error) => Err(NotApproved::new(format!("its approval cannot be stored: {error}"))),
    }
}

/// Returns a random id that a person can type.
pub(crate) fn new_id() -> Result<String, NotApproved> {
    let bytes = random_bytes::<8>().map_err(|error| NotApproved::new(error.to_string()))?;
    Ok(hex_encode(&bytes[..]))
}

impl Approval for AskFirst {
    fn is_needed(&self, target: Target<'_>, ask: Ask, context: &CallContext) -> bool {
        match self.mode.needs(ask, target.effect) {
            Needed::No => false,
            Needed::IfAskable => askable(context).is_some(),
            Needed::Yes => true,
        }
    }

    fn patience(&self) -> Duration {
        self.lifetime
    }

    fn retire(&self) {
        self.retired.store(true, Ordering::Release);
    }

    fn resume<'a>(&'a self, id: &'a str) -> Pending<'a, ()> {
        Box::pin(async move {
            if let Err(error) = self.book.resume(id, self.clock.seconds()).await {
                tracing::warn!(%error, "a spent approval could not be made usable for the repeated call");
            }
        })
    }

    fn approve<'a>(&'a self, review: Review<'a>, call: &'a ActiveCall) -> ApprovalFuture<'a> {
        Box::pin(async move {
            self.check_valid()?;
            let approved = self.decide(review, call).await?;
            // The connector may have been replaced before the answer came. The approval is then used up without a call.
            self.check_valid()?;
            Ok(approved)
        })
    }
}

impl std::fmt::Debug for AskFirst {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AskFirst({} of {})", self.mode, self.connector)
    }
}
