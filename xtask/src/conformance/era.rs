//! The eras of the MCP protocol: with `initialize` at the start of a session, or with all information in each request.

use std::fmt;

use clap::ValueEnum;
use hyper::StatusCode;
use hyper::header::HeaderMap;
use serde_json::{Value, json};

use super::relay::Rules;

/// The era of a client or of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Era {
    /// Revisions until 2025-11-25
    Legacy,
    /// Revision 2026-07-28
    Modern,
}

impl Era {
    pub(super) const BOTH: [Self; 2] = [Self::Legacy, Self::Modern];

    /// Returns the newest revision of the era.
    pub(super) const fn revision(self) -> &'static str {
        match self {
            Self::Legacy => "2025-11-25",
            Self::Modern => "2026-07-28",
        }
    }
}

impl fmt::Display for Era {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Legacy => "legacy",
            Self::Modern => "modern",
        })
    }
}

/// Rules of a relay that make a server for both eras look like a server for one era. Requests of the other era are
/// refused as by a server that does not know them.
pub(super) struct Only(pub(super) Era);

impl Rules for Only {
    fn request(&self, headers: &mut HeaderMap, message: &mut Value) -> Option<(StatusCode, Value)> {
        let of_header = headers.get("mcp-protocol-version").and_then(|value| value.to_str().ok());
        let of_body = message["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"].as_str();
        let is_of =
            |revision: &str| if revision >= Era::Modern.revision() { Era::Modern } else { Era::Legacy };
        let era = match message["method"].as_str() {
            Some("initialize") => Era::Legacy,
            Some("server/discover") => Era::Modern,
            _ => is_of(of_body.or(of_header)?),
        };
        if era == self.0 {
            return None;
        }
        let supported = [self.0.revision()];
        let id = message.get("id").cloned().unwrap_or_default();
        let error = match self.0 {
            Era::Legacy => json!({
                "code": -32000,
                "message": format!("Bad Request: Unsupported protocol version (supported: {supported:?})"),
            }),
            Era::Modern => json!({
                "code": -32022,
                "message": "Unsupported protocol version",
                "data": { "supported": supported, "requested": of_body.or(of_header) },
            }),
        };
        Some((StatusCode::BAD_REQUEST, json!({ "jsonrpc": "2.0", "id": id, "error": error })))
    }

    fn message(&self, _: &mut Value) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relay_for_one_protocol_era_refuses_requests_of_the_other_era() {
        let modern = json!({ "io.modelcontextprotocol/protocolVersion": "2026-07-28" });
        for (message, era) in [
            (
                json!({ "id": 1, "method": "initialize", "params": { "protocolVersion": "2025-11-25" } }),
                Era::Legacy,
            ),
            (json!({ "id": 1, "method": "server/discover", "params": {} }), Era::Modern),
            (json!({ "id": 1, "method": "tools/list", "params": { "_meta": modern } }), Era::Modern),
        ] {
            for server in Era::BOTH {
                let answer = Only(server).request(&mut HeaderMap::new(), &mut message.clone());
                assert_eq!(answer.is_none(), server == era, "{message} {answer:?}");
            }
        }
    }
}
