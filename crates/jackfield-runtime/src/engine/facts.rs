//! The facts about a call that its audit records contain.

use std::sync::Arc;

use jackfield_recipe::Effect;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use super::destination::{CallDestination, without_query};
use super::policy::audit::{Audit, AuditEvent, AuditRecord};
use super::redacted::redacted;
use super::request::{SourceRequest, TargetKind};
use crate::common::caller::Caller;
use crate::common::trace_context::TraceContext;

/// The properties that all audit records of a call have in common. They are computed only if there is an
/// audit.
pub(super) struct Facts {
    number: u64,
    kind: TargetKind,
    name: String,
    /// The selected operation, if `name` is a merged tool.
    operation: Option<String>,
    trace: Option<String>,
    effect: Option<Effect>,
    pub(super) arguments: [u8; 32],
    shown_arguments: Option<Arc<Value>>,
    began: Instant,
}

impl Facts {
    /// Creates the facts about the call with the number `number`.
    pub(super) fn of(
        audit: &dyn Audit,
        number: u64,
        effect: Option<Effect>,
        request: &SourceRequest,
        called: Option<&str>,
        trace: Option<&TraceContext>,
        began: Instant,
    ) -> Self {
        let (kind, target) = request.target();
        let name = called.unwrap_or(target);
        let name = match kind {
            // The query is omitted, because it consists of arguments.
            TargetKind::Resource => without_query(name),
            _ => name,
        };
        let shown_arguments = request.arguments().filter(|_| audit.wants_arguments()).map(redacted);
        Self {
            number,
            kind,
            name: name.to_owned(),
            operation: called.map(|_| target.to_owned()),
            trace: trace.map(ToString::to_string),
            effect,
            arguments: digest(request),
            shown_arguments: shown_arguments.map(Arc::new),
            began,
        }
    }

    pub(super) fn record(
        &self,
        event: AuditEvent,
        caller: &Caller,
        destination: Option<CallDestination>,
        approval: Option<String>,
    ) -> AuditRecord {
        AuditRecord {
            call: self.number,
            event,
            caller: caller.clone(),
            kind: self.kind,
            name: self.name.clone(),
            operation: self.operation.clone(),
            attached: None,
            trace: self.trace.clone(),
            effect: self.effect,
            destination,
            arguments: self.arguments,
            shown_arguments: self.shown_arguments.clone(),
            approval,
            rule: None,
            attempts: 0,
            answer_bytes: None,
            duration: self.began.elapsed(),
        }
    }
}

/// Returns the SHA-256 digest of a request's arguments as JSON with sorted keys.
pub(super) fn digest(request: &SourceRequest) -> [u8; 32] {
    let text = match request {
        SourceRequest::CallTool { arguments, .. } | SourceRequest::GetPrompt { arguments, .. } => {
            let mut arguments = arguments.clone();
            arguments.sort_keys();
            arguments.values_mut().for_each(Value::sort_all_objects);
            serde_json::to_vec(&arguments).unwrap_or_default()
        }
        SourceRequest::ReadResource { uri } => uri.clone().into_bytes(),
        SourceRequest::Complete { argument, value, .. } => {
            serde_json::to_vec(&[argument, value]).unwrap_or_default()
        }
    };
    Sha256::digest(text).into()
}
