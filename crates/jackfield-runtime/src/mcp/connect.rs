//! Asks a client to open the page on which its user connects an account (URL elicitation).

use rmcp::model::{ErrorCode, ErrorData, InputRequiredResult, ProtocolVersion};
use serde_json::json;

use super::asking::rounds::Rounds;
use crate::engine::account_missing::AccountMissing;
use crate::engine::context::{Answer, Asking as _, Question};

/// The error code of revision 2025-11-25 for a call that needs a URL elicitation first.
const URL_ELICITATION_REQUIRED: ErrorCode = ErrorCode(-32042);

/// Returns the `input_required` result with the elicitation, since revision 2026-07-28. Returns `None` if the client has answered,
/// or if there is no page.
///
/// # Errors
/// Returns an error if the call has asked in too many rounds.
pub(super) async fn ask(
    missing: &AccountMissing,
    rounds: &Rounds,
) -> Result<Option<InputRequiredResult>, ErrorData> {
    let Some(parameters) = missing.elicitation() else { return Ok(None) };
    let question = Question::relayed("connect_account", "elicitation/create", &parameters);
    match rounds.ask(question).await {
        Answer::Later => rounds.ask_client().map(Some),
        _ => Ok(None),
    }
}

/// Returns the error with the elicitation, for revisions with `initialize`. Returns `None` if the revision does not define this error, or
/// if there is no page.
pub(super) fn required(missing: &AccountMissing, revision: Option<&ProtocolVersion>) -> Option<ErrorData> {
    let is_known = revision.is_some_and(|it| it.as_str() >= ProtocolVersion::V_2025_11_25.as_str());
    let elicitation = missing.elicitation().filter(|_| is_known)?;
    let data = json!({ "elicitations": [elicitation] });
    Some(ErrorData::new(URL_ELICITATION_REQUIRED, missing.to_string(), Some(data)))
}
