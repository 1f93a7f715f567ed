//! Granted tokens and their record.

use std::fmt;

use serde_json::{Map, Value};
use zeroize::Zeroize as _;

use super::ask::Answer;
use super::binding::Binding;
use crate::call::rows::FlowKind;
use crate::common::secret::Secret;

/// The number of seconds before the expiry at which a token is renewed. A token with a short lifetime is renewed
/// after nine tenths of the lifetime.
const EARLY: u64 = 60;

/// The maximum number of seconds before a token's expiry at which a scheduled renewal begins.
const AHEAD: u64 = 600;

/// The maximum lifetime that is accepted. A longer one is a mistake, or means "never".
const LONGEST_LIFE: u64 = 10 * 365 * 24 * 3600;

/// The reason why a token response cannot be used, as text that follows the URL of the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GrantError {
    TokenMissing,
    UnfitForHeader,
    /// The token type is not `Bearer`.
    OtherTokenType,
}

impl fmt::Display for GrantError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TokenMissing => "gives no access_token",
            Self::UnfitForHeader => "gives an access_token that a header cannot carry",
            Self::OtherTokenType => "gives a token that is not a bearer token",
        })
    }
}

impl std::error::Error for GrantError {}

/// The tokens of a login or token request, and the purpose for which they were granted.
#[derive(Clone)]
pub(crate) struct Grant {
    pub(crate) access: Secret,
    pub(crate) refresh: Option<Secret>,
    pub(crate) granted_at: u64,
    /// `None` if the server sent no usable lifetime. The token is then used until the service refuses it.
    pub(crate) expires_at: Option<u64>,
    pub(crate) scopes: Vec<String>,
    pub(crate) purpose: Purpose,
    /// The endpoint that issued the tokens. The refresh token is sent nowhere else.
    pub(crate) endpoint: String,
    pub(crate) issuer: Option<String>,
    /// `None` in a record of an earlier version. A grant without a binding is not used.
    pub(crate) binding: Option<Binding>,
}

/// The flow, server, client, resource and audience of a token. A token is used only for the purpose that it was
/// granted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Purpose {
    pub(crate) kind: FlowKind,
    /// The URL that identifies the server.
    pub(crate) server: String,
    pub(crate) client: String,
    pub(crate) resource: Option<String>,
    pub(crate) audience: Option<String>,
}

impl Grant {
    /// Parses a token response. Fields that the response omits keep the values of the earlier grant.
    ///
    /// # Errors
    /// Returns an error if the response cannot be used.
    pub(crate) fn of_answer(
        mut answer: Answer,
        now: u64,
        purpose: Purpose,
        endpoint: String,
        issuer: Option<String>,
    ) -> Result<Self, GrantError> {
        let access = taken(&mut answer, "access_token").ok_or(GrantError::TokenMissing)?;
        if !access.expose().bytes().all(|byte| matches!(byte, 0x20..=0x7E)) {
            return Err(GrantError::UnfitForHeader);
        }
        match answer.get("token_type").and_then(Value::as_str) {
            Some(kind) if !kind.eq_ignore_ascii_case("bearer") => {
                return Err(GrantError::OtherTokenType);
            }
            _ => {}
        }
        let refresh = taken(&mut answer, "refresh_token");
        let scopes = answer.get("scope").and_then(Value::as_str).unwrap_or_default();
        Ok(Self {
            access,
            refresh,
            granted_at: now,
            expires_at: answer.get("expires_in").and_then(life).map(|life| now.saturating_add(life)),
            scopes: scopes.split_whitespace().map(str::to_owned).collect(),
            purpose,
            endpoint,
            issuer,
            binding: None,
        })
    }

    /// Whether the token can be sent with a request now.
    pub(crate) fn is_fresh(&self, now: u64) -> bool {
        self.expires_at.is_none_or(|end| {
            let life = end.saturating_sub(self.granted_at);
            now < end - EARLY.min(life / 10)
        })
    }

    /// Returns the time of the scheduled renewal: in the last fifth of the token's lifetime, and at most ten minutes before its expiry.
    pub(crate) fn due_at(&self) -> Option<u64> {
        let end = self.expires_at.filter(|_| self.refresh.is_some())?;
        Some(end - AHEAD.min(end.saturating_sub(self.granted_at) / 5))
    }

    /// Whether the token is due to be renewed.
    pub(crate) fn is_due(&self, now: u64) -> bool {
        self.due_at().is_some_and(|due| now >= due)
    }

    /// Whether the token has expired.
    pub(crate) fn has_ended(&self, now: u64) -> bool {
        self.expires_at.is_some_and(|end| now >= end)
    }

    pub(crate) fn to_record(&self) -> Secret {
        let text = |text: &str| Value::String(text.to_owned());
        let maybe = |field: &Option<String>| field.as_deref().map_or(Value::Null, text);
        let fields = [
            ("access_token", text(self.access.expose())),
            ("refresh_token", self.refresh.as_ref().map_or(Value::Null, |token| text(token.expose()))),
            ("granted_at", self.granted_at.into()),
            ("expires_at", self.expires_at.map_or(Value::Null, Value::from)),
            ("scopes", self.scopes.iter().map(|scope| text(scope)).collect()),
            ("flow", text(name(self.purpose.kind))),
            ("server", text(&self.purpose.server)),
            ("client_id", text(&self.purpose.client)),
            ("resource", maybe(&self.purpose.resource)),
            ("audience", maybe(&self.purpose.audience)),
            ("token_endpoint", text(&self.endpoint)),
            ("issuer", maybe(&self.issuer)),
        ];
        let bound = self.binding.iter().flat_map(Binding::to_fields);
        let mut map: Map<String, Value> =
            fields.into_iter().chain(bound).map(|(name, value)| (name.to_owned(), value)).collect();
        let record = Secret::new(serde_json::to_string(&map).unwrap_or_default());
        for value in map.values_mut() {
            if let Value::String(text) = value {
                text.zeroize();
            }
        }
        record
    }

    /// Parses a record. Returns `None` if the record is not a grant.
    pub(crate) fn of_record(record: &Secret) -> Option<Self> {
        let mut map: Map<String, Value> = serde_json::from_str(record.expose()).ok()?;
        let access = taken(&mut map, "access_token")?;
        let refresh = taken(&mut map, "refresh_token");
        let text = |name: &str| map.get(name).and_then(Value::as_str).map(str::to_owned);
        let number = |name: &str| map.get(name).and_then(Value::as_u64);
        let flow = text("flow")?;
        Some(Self {
            access,
            refresh,
            granted_at: number("granted_at")?,
            expires_at: number("expires_at"),
            scopes: map
                .get("scopes")?
                .as_array()?
                .iter()
                .filter_map(|scope| scope.as_str().map(str::to_owned))
                .collect(),
            purpose: Purpose {
                kind: KINDS.into_iter().find(|kind| name(*kind) == flow)?,
                server: text("server")?,
                client: text("client_id")?,
                resource: text("resource"),
                audience: text("audience"),
            },
            endpoint: text("token_endpoint")?,
            issuer: text("issuer"),
            binding: Binding::of_fields(&map),
        })
    }
}

const KINDS: [FlowKind; 3] = [FlowKind::AuthorizationCode, FlowKind::ClientCredentials, FlowKind::DeviceCode];

const fn name(kind: FlowKind) -> &'static str {
    match kind {
        FlowKind::AuthorizationCode => "authorization_code",
        FlowKind::ClientCredentials => "client_credentials",
        FlowKind::DeviceCode => "device_code",
        // The implicit flow is never used.
        FlowKind::Implicit => "implicit",
        FlowKind::Password => "password",
    }
}

/// Moves a string from the JSON object into a secret.
fn taken(map: &mut Map<String, Value>, name: &str) -> Option<Secret> {
    match map.remove(name) {
        Some(Value::String(text)) if !text.is_empty() => Some(Secret::new(text)),
        _ => None,
    }
}

/// Returns the lifetime in seconds. Some servers send a string of digits instead of a number. Returns `None` for
/// any other value.
fn life(value: &Value) -> Option<u64> {
    let seconds = match value {
        Value::String(text) => text.trim().parse().ok()?,
        other => other.as_f64()?,
    };
    // The result is exact up to the maximum accepted lifetime.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the guard limits the lifetime on both sides"
    )]
    (1.0..LONGEST_LIFE as f64).contains(&seconds).then_some(seconds as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn purpose() -> Purpose {
        Purpose {
            kind: FlowKind::DeviceCode,
            server: "https://id.example.com/token".to_owned(),
            client: "me".to_owned(),
            resource: Some("https://api.example.com".to_owned()),
            audience: None,
        }
    }

    fn grant(answer: &Value) -> Result<Grant, GrantError> {
        Grant::of_answer(answer.as_object().unwrap().clone(), 1_000, purpose(), "https://t".to_owned(), None)
    }

    #[test]
    fn non_bearer_token_is_refused() {
        for (answer, why) in [
            (json!({}), "no access_token"),
            (json!({ "access_token": "" }), "no access_token"),
            (json!({ "access_token": 7 }), "no access_token"),
            (json!({ "access_token": "a\r\nb: c" }), "a header cannot carry"),
            (json!({ "access_token": "a", "token_type": "mac" }), "not a bearer token"),
            (json!({ "access_token": "a", "token_type": "DPoP" }), "not a bearer token"),
        ] {
            assert!(grant(&answer).err().unwrap().to_string().contains(why), "{answer}");
        }
        assert!(grant(&json!({ "access_token": "a", "token_type": "BEARER" })).is_ok());
    }

    #[test]
    fn invalid_token_lifetime_is_ignored() {
        for (said, end) in [
            (json!(3600), Some(4_600)),
            (json!("3600"), Some(4_600)),
            (json!(3600.9), Some(4_600)),
            (json!(0), None),
            (json!(-5), None),
            (json!(u64::MAX), None),
            (json!(1e300), None),
            (json!("NaN"), None),
            (json!("soon"), None),
            (json!([1]), None),
            (Value::Null, None),
        ] {
            let grant = grant(&json!({ "access_token": "a", "expires_in": said })).ok().unwrap();
            assert_eq!(grant.expires_at, end, "{said}");
        }
    }

    #[test]
    fn token_is_renewed_before_expiry() {
        let grant = |life| grant(&json!({ "access_token": "a", "expires_in": life })).ok().unwrap();
        let long = grant(3600);
        assert!(
            long.is_fresh(4_539) && !long.is_fresh(4_540) && !long.has_ended(4_599) && long.has_ended(4_600)
        );
        let short = grant(20);
        assert!(short.is_fresh(1_017) && !short.is_fresh(1_018));
        let shortest = grant(1);
        assert!(shortest.is_fresh(1_000) && !shortest.is_fresh(1_001));
    }

    #[test]
    fn login_token_is_due_for_renewal_in_the_last_fifth_of_its_lifetime() {
        let answer = |life: u64| json!({ "access_token": "a", "refresh_token": "r", "expires_in": life });
        let long = grant(&answer(36_000)).ok().unwrap();
        assert!(!long.is_due(36_399) && long.is_due(36_400) && long.is_fresh(36_400));
        let short = grant(&answer(10)).ok().unwrap();
        assert!(!short.is_due(1_007) && short.is_due(1_008) && short.is_fresh(1_008));
        let endless = grant(&json!({ "access_token": "a", "refresh_token": "r" })).ok().unwrap();
        let single = grant(&json!({ "access_token": "a", "expires_in": 10 })).ok().unwrap();
        assert!(!endless.is_due(u64::MAX) && !single.is_due(2_000));
    }

    #[test]
    fn grant_record_round_trips() {
        let answer = json!({ "access_token": "a", "refresh_token": "r", "expires_in": 9, "scope": "x y" });
        let grant = grant(&answer).ok().unwrap();
        let record = grant.to_record();
        let kept = Grant::of_record(&record).unwrap();
        assert_eq!((kept.access.expose(), kept.refresh.as_ref().unwrap().expose()), ("a", "r"));
        assert_eq!((kept.expires_at, &kept.scopes, &kept.purpose), (Some(1_009), &grant.scopes, &purpose()));
        assert!(kept.to_record() == record);
        let whole = record.expose();
        for end in 0..whole.len() {
            assert!(Grant::of_record(&Secret::new(whole[..end].to_owned())).is_none());
        }
    }
}
