//! Classifies the names of parameters by their words.

use heck::ToSnakeCase as _;

/// Returns the words of a name in lower case: both `X-Api-Version` and `xApiVersion` have the words `x`, `api`,
/// `version`.
pub(super) fn words(name: &str) -> Vec<String> {
    let spaced: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    let snake = spaced.to_snake_case();
    let parts = snake.split('_').filter(|word| !word.is_empty());
    // Words that are often written as one.
    parts
        .flat_map(|word| match word {
            "apikey" => vec!["api", "key"],
            "accesskey" => vec!["access", "key"],
            "authtoken" => vec!["auth", "token"],
            "accesstoken" => vec!["access", "token"],
            "useragent" => vec!["user", "agent"],
            "prettyprint" => vec!["pretty", "print"],
            "apiversion" => vec!["api", "version"],
            other => vec![other],
        })
        .map(str::to_owned)
        .collect()
}

/// Words of paging, field selection and filters, whose values differ between calls.
const CHOSEN_BY_CALL: [&str; 56] = [
    "after",
    "attributes",
    "before",
    "columns",
    "continue",
    "count",
    "cursor",
    "date",
    "embed",
    "end",
    "exclude",
    "expand",
    "field",
    "fields",
    "filter",
    "filters",
    "first",
    "force",
    "from",
    "idempotency",
    "if",
    "include",
    "key",
    "keyword",
    "last",
    "limit",
    "marker",
    "mask",
    "match",
    "max",
    "name",
    "next",
    "offset",
    "order",
    "page",
    "per",
    "projection",
    "properties",
    "q",
    "query",
    "range",
    "rows",
    "search",
    "select",
    "since",
    "size",
    "skip",
    "sort",
    "start",
    "state",
    "status",
    "take",
    "time",
    "top",
    "type",
    "until",
];

/// Words for values that belong to a single request, so that no other request may repeat them.
const OF_ONE_REQUEST: [&str; 10] = [
    "correlation",
    "idempotency",
    "idempotent",
    "nonce",
    "request",
    "signature",
    "span",
    "timestamp",
    "trace",
    "traceparent",
];

/// Words for the owner of the data in a request. The value may be equal in all requests of one user, but only
/// that user knows it.
const WHOSE: [&str; 36] = [
    "account",
    "branch",
    "business",
    "community",
    "company",
    "customer",
    "domain",
    "environment",
    "guid",
    "id",
    "ids",
    "location",
    "member",
    "merchant",
    "namespace",
    "of",
    "org",
    "organisation",
    "organization",
    "owner",
    "partner",
    "project",
    "region",
    "role",
    "shop",
    "site",
    "store",
    "subscription",
    "team",
    "tenant",
    "uid",
    "user",
    "username",
    "uuid",
    "vendor",
    "workspace",
];

/// Words that may follow a word for an owner: `Account-Name`, `orgSlug`.
const OF_WHOM: [&str; 8] = ["code", "identifier", "key", "name", "number", "ref", "slug", "url"];

/// Whether each call chooses the value: paging, fields, filters and conditions.
pub(super) fn is_chosen_by_call(words: &[String]) -> bool {
    words.iter().any(|word| CHOSEN_BY_CALL.contains(&word.as_str()))
}

/// Whether the value must be different in every request.
pub(super) fn is_of_one_request(words: &[String]) -> bool {
    words.iter().any(|word| OF_ONE_REQUEST.contains(&word.as_str()))
}

/// Whether the value identifies the owner of the data: a tenant, an account, or any id. If the first words are the name of the service,
/// they do not count: `X-Shop-Version` does not identify a shop.
pub(super) fn is_whose(words: &[String]) -> bool {
    let is_whose = |word: Option<&String>| word.is_some_and(|word| WHOSE.contains(&word.as_str()));
    match words.split_last() {
        Some((last, rest)) if OF_WHOM.contains(&last.as_str()) => is_whose(rest.last()),
        _ => is_whose(words.last()),
    }
}

/// Whether a header belongs to HTTP or to the client that sends it, such as `Accept-Language` and
/// `User-Agent`.
pub(super) fn is_of_client(words: &[String]) -> bool {
    let words: Vec<&str> = words.iter().map(String::as_str).skip_while(|word| *word == "x").collect();
    match words.as_slice() {
        ["accept", rest @ ..] => !rest.contains(&"version"),
        [.., "user", "agent"] | ["requested", "with"] | ["cache", "control"] => true,
        ["pragma" | "connection" | "dnt" | "origin" | "referer" | "referrer"] => true,
        [.., "client" | "sdk", what] => {
            ["agent", "info", "language", "lang", "name", "os", "platform", "version"].contains(what)
        }
        _ => false,
    }
}

/// Whether the header contains the client's name, which every request has anyway.
pub(super) fn is_user_agent(name: &str) -> bool {
    name.eq_ignore_ascii_case("user-agent")
}

/// Whether the name ends in `version`: `api-version`, `Notion-Version`.
pub(super) fn is_version(words: &[String]) -> bool {
    words.last().is_some_and(|last| last == "version" || last == "versions")
}

/// Whether a parameter with that name is a secret: `X-Auth-Token`, `AccessKey`, `password`, but not
/// `page_token`.
pub(super) fn is_secret(name: &str) -> bool {
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (last, before) = match words.as_slice() {
        [.., before, last] => (*last, Some(*before)),
        [last] => (*last, None),
        [] => return false,
    };
    match last {
        "authorization" | "bearer" | "credential" | "credentials" | "jwt" | "passphrase" | "passwd"
        | "password" | "secret" => true,
        "auth" | "authentication" => before.is_some(),
        // Tokens that continue, repeat or identify something are not secrets.
        "token" => before.is_none_or(|before| {
            ![
                "cancel",
                "client",
                "confirmation",
                "continuation",
                "continue",
                "csrf",
                "delta",
                "device",
                "end",
                "idempotency",
                "max",
                "next",
                "page",
                "pagination",
                "paging",
                "prev",
                "previous",
                "push",
                "registration",
                "request",
                "resume",
                "skip",
                "start",
                "stop",
                "sync",
                "trace",
                "upload",
                "xsrf",
            ]
            .contains(&before)
        }),
        "key" => before.is_some_and(|before| {
            [
                "access",
                "admin",
                "api",
                "app",
                "application",
                "auth",
                "consumer",
                "developer",
                "integration",
                "master",
                "private",
                "secret",
                "service",
                "session",
                "signing",
                "subscription",
                "x",
            ]
            .contains(&before)
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_of_a_secret_is_distinguished_from_names_of_other_tokens_and_keys() {
        for name in [
            "X-Auth-Token",
            "token",
            "access_token",
            "AccessKey",
            "X-API-Key",
            "apikey",
            "X-Tableau-Auth",
            "X-Key",
            "Ocp-Apim-Subscription-Key",
            "DD-APPLICATION-KEY",
            "client_secret",
            "password",
            "X-SF-TOKEN",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "page_token",
            "nextPageToken",
            "Idempotency-Key",
            "partition_key",
            "key",
            "auth",
            "X-CSRF-Token",
            "clientRequestToken",
            "X-Request-Id",
            "tokens",
            "max_tokens",
            "roleCode",
            "syncToken",
            "primary_key",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn parameter_name_is_split_into_words_in_every_spelling() {
        for name in ["X-Api-Version", "x_api_version", "xApiVersion", "X-APIVERSION"] {
            assert_eq!(words(name).join(" "), "x api version", "{name}");
        }
        assert_eq!(words("$.xgafv"), ["xgafv"]);
        assert!(words("$").is_empty());
    }
}
