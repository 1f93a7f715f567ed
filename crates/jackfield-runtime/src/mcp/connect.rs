//! Asks a client to send its user to the page on which an account is connected.

use rmcp::model::{ErrorCode, ErrorData, ProtocolVersion};
use serde_json::json;

use super::asking::rounds::Rounds;
use super::handler::Ended;
use crate::engine::account_missing::AccountMissing;
use crate::engine::context::{Answer, Asking as _, Question};
use crate::engine::error::CallError;

/// The error of revision 2025-11-25 whose data are questions for the user.
const URL_ELICITATION_REQUIRED: ErrorCode = ErrorCode(-32042);

/// Ends a call with the question, since revision 2026-07-28. After the client has answered, the error is the result.
///
/// # Errors
/// Returns an error if the call has asked in too many rounds.
pub(super) async fn ask(missing: Box<AccountMissing>, rounds: &Rounds) -> Result<Ended, ErrorData> {
    if let Some(parameters) = missing.elicitation() {
        let question = Question::relayed("connect_account", "elicitation/create", &parameters);
        if rounds.ask(question).await == Answer::Later {
            return rounds.ask_client().map(Ended::Asks);
        }
    }
    Ok(Ended::Failed(CallError::Account(missing)))
}

/// The error with the question, for revisions with a handshake. `None` if the revision has no such error, or if there is no page.
pub(super) fn required(missing: &AccountMissing, revision: Option<&ProtocolVersion>) -> Option<ErrorData> {
    let is_known = revision.is_some_and(|it| it.as_str() >= ProtocolVersion::V_2025_11_25.as_str());
    let elicitation = missing.elicitation().filter(|_| is_known)?;
    let data = json!({ "elicitations": [elicitation] });
    Some(ErrorData::new(URL_ELICITATION_REQUIRED, missing.to_string(), Some(data)))
}
