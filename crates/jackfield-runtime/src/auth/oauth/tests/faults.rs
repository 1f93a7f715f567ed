//! Tests of broken and malicious token endpoints: the error names the problem, and no token is lost.

use serde_json::json;

use std::sync::Arc;

use jackfield_recipe::FlowKind;

use super::renewal::{logged_in, nth};
use super::script::{Script, gives, leak, nowhere, refuses, reply};
use super::{CLIENT, Shop, engine_of};
use crate::auth::records::Memory;
use crate::common::environment::Environment;
use crate::transport::client::HttpClient;
use crate::v1::{Connector, Flow, Scheme, Server};

#[tokio::test]
async fn broken_token_endpoint_fails_call_and_keeps_login() {
    let huge = format!("{{\"access_token\": \"{}\"}}", "x".repeat(2 * 1024 * 1024));
    let redirect = "HTTP/1.1 302 Found\r\nlocation: http://evil.example.net/?refresh_token=canary-refresh-0\r\n\
                    content-length: 0\r\nconnection: close\r\n\r\n";
    let faults = [
        (reply(200, "text/html", "<h1>Welcome</h1>"), "with \"text/html\" instead of JSON"),
        (reply(200, "text/html", &json!({ "access_token": "a" }).to_string()), "instead of JSON"),
        (reply(502, "text/html", "<h1>Bad Gateway</h1>"), "answers 502"),
        (reply(200, "application/json", "<h1>Welcome</h1>"), "other than a JSON object"),
        (reply(200, "application/json", "[]"), "other than a JSON object"),
        (reply(200, "application/json", ""), "other than a JSON object"),
        (reply(200, "application/json", "{}"), "gives no access_token"),
        (reply(200, "application/json", &huge), "longer than 1048576 bytes"),
        (reply(500, "application/json", "{\"error\": \"invalid_grant\"}"), "answers 500"),
        (reply(400, "application/json", "{}"), "answers 400"),
        (redirect.to_owned(), "points to \"http://evil.example.net/?refresh_token=[credential removed]\""),
        (gives(&json!({ "refresh_token": "b" })), "gives no access_token"),
        (gives(&json!({ "access_token": "a", "token_type": "mac" })), "not a bearer token"),
        (refuses("temporarily_unavailable"), "temporarily_unavailable"),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 99\r\ncontent-type: application/json\r\n\r\n{".to_owned(),
            "was interrupted",
        ),
        ("nonsense\r\n\r\n".to_owned(), "gave no answer"),
        (String::new(), "no answer within"),
    ];
    for (fault, why) in faults {
        let server = Script::start(move |asked, number| match number {
            1 => fault.clone(),
            _ => nth(asked, number),
        })
        .await;
        let shop = logged_in(server.at("/token"));
        shop.passes(4000);
        let missing = shop.token().await.unwrap_err();
        assert!(missing.contains(why) && missing.contains("SHOP_TOKEN"), "{why}: {missing}");
        assert!(missing.contains(&server.url) && !missing.contains("canary"), "{missing}");
        assert_eq!(shop.kept("refresh_token"), "canary-refresh-0", "{why}");
        assert_eq!(shop.token().await.unwrap(), "canary-access-2", "{why}");
    }
}

#[tokio::test]
async fn unreachable_token_endpoint_keeps_login() {
    let shop = logged_in(nowhere("/token").await);
    shop.passes(4000);
    let missing = shop.token().await.unwrap_err();
    assert!(missing.contains("try again when the authorization server responds"), "{missing}");
    assert_eq!(shop.kept("refresh_token"), "canary-refresh-0");
}

#[tokio::test]
async fn server_text_that_an_error_quotes_is_truncated_and_redacted() {
    let server = Script::start(|_, _| {
        let said = format!("canary-refresh-0 of canary-of-client\u{1b}[2J\r\n{}", "x".repeat(9999));
        reply(
            400,
            "application/json",
            &json!({ "error": "invalid_request", "error_description": said }).to_string(),
        )
    })
    .await;
    let shop = logged_in(server.at("/token"));
    shop.passes(4000);
    let missing = shop.token().await.unwrap_err();
    assert!(missing.contains("[credential removed] of [credential removed] [2J"), "{missing}");
    assert!(missing.len() < 700 && !missing.contains(char::is_control), "{missing}");
}

#[tokio::test]
async fn clock_jump_of_a_year_causes_one_token_refresh() {
    let server = Script::start(nth).await;
    let shop = logged_in(server.at("/token"));
    // The clock jumps a year ahead: the token seems expired and is refreshed once.
    shop.passes(365 * 24 * 3600);
    for _ in 0..2 {
        assert_eq!(shop.token().await.unwrap(), "canary-access-1");
    }
    // The clock jumps back: the token seems valid for a year, but the service refuses it.
    shop.time.fetch_sub(365 * 24 * 3600, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(shop.token().await.unwrap(), "canary-access-1");
    assert_eq!(shop.renewed("canary-access-1").await.unwrap().unwrap(), "canary-access-2");
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn token_endpoint_in_a_private_network_is_refused_until_the_user_allows_it() {
    let server = Script::start(|_, _| gives(&json!({ "access_token": "a", "token_type": "bearer" }))).await;
    for (token, metadata) in [
        (None, Some(server.at("/.well-known/oauth-authorization-server"))),
        (Some(server.at("/token")), None),
    ] {
        let flow = Flow { token, ..Flow::new(FlowKind::ClientCredentials) };
        let mut scheme = Scheme::oauth2("oauth").flows(leak([flow]));
        scheme.metadata = metadata;
        let shop = Shop::new(scheme, &CLIENT);
        let public =
            leak(Connector { servers: leak([Server::new("https://api.example.com")]), ..*shop.connector });
        let with = |variables: &[(&str, &str)]| {
            let http = HttpClient::of(public, &Environment::of(variables.iter().copied()));
            let records = Arc::<Memory>::clone(&shop.records);
            Shop {
                oauth: engine_of(public, &shop.variables, records, &shop.time, http),
                ..shop.changed(scheme)
            }
        };
        let missing = with(&[]).token().await.unwrap_err();
        for part in ["is not called", "this machine", &server.url, "`export SHOP_ORIGINS=http://127.0.0.1:"] {
            assert!(missing.contains(part), "{part}: {missing}");
        }
        assert_eq!(server.asked().len(), 0, "something was sent");
        if token.is_some() {
            assert_eq!(with(&[("SHOP_ORIGINS", &server.url)]).token().await.as_deref(), Ok("a"));
        }
    }
}
