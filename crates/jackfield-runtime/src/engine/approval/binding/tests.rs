use bytes::Bytes;

use jackfield_recipe::{Ask, Effect};
use serde_json::json;

use super::*;
use crate::call::outgoing::{Outgoing, Pair, Text};
use crate::common::secret::Secret;
use crate::engine::approval::outline::ArgumentOutline;
use crate::engine::prepared::{PreparedCustom, PreparedHttp, ToolFacts};
use crate::engine::request::{Target, TargetKind};
use crate::v1;

static DELETE: v1::Tool =
    v1::Tool::new("delete_book", "DELETE", "/books/{id}", |_, _| Ok(())).title("Delete a book");
static RETITLED: v1::Tool = DELETE.title("Remove a book");
static OTHER_INPUT: v1::Tool = DELETE.input(r#"{"type":"object"}"#);

fn outgoing() -> Outgoing {
    let pair = |name: &str, value: &str| Pair { name: name.to_owned(), value: Text::Open(value.to_owned()) };
    Outgoing {
        method: "DELETE".into(),
        url: "https://api.example.com/books/1".to_owned(),
        socket: None,
        query: vec![pair("force", "true")],
        headers: vec![pair("if-match", "7")],
        cookies: vec![pair("shelf", "a")],
        body: Some(Bytes::from("file").into()),
    }
}

fn http(tool: &'static v1::Tool, outgoing: Outgoing) -> Prepared {
    Prepared::Http(Box::new(PreparedHttp::plain(tool, outgoing)))
}

fn code(change: impl FnOnce(&mut ToolFacts)) -> Prepared {
    let mut tool = ToolFacts {
        name: "tidy".to_owned(),
        title: String::new(),
        description: String::new(),
        input: "{}".to_owned(),
        effect: Effect::Destroy,
    };
    change(&mut tool);
    let run = Box::new(|_| -> crate::engine::pending::Pending<'static, _> { unreachable!("it is not run") });
    Prepared::Custom(PreparedCustom { run, tool: Some(tool) })
}

const FACTS: BindingFacts<'_> = BindingFacts {
    principal: "token:a",
    connector: "shop",
    mode: AskMode::Destroy,
    rights: Some(1),
    lifetime: 900,
    files: None,
};

fn digest_of(facts: &BindingFacts<'_>, prepared: &Prepared, effect: Effect, arguments: u8) -> BindingDigest {
    digest_asked(facts, prepared, effect, arguments, Ask::ByEffect)
}

fn digest_asked(
    facts: &BindingFacts<'_>,
    prepared: &Prepared,
    effect: Effect,
    arguments: u8,
    ask: Ask,
) -> BindingDigest {
    let target = Target { kind: TargetKind::Tool, name: "delete_book", effect };
    let outline = ArgumentOutline::of(json!({}).as_object().unwrap());
    digest(facts, &Review { target, ask, prepared, arguments: &[arguments; 32], outline: &outline })
}

fn of_request(change: impl FnOnce(&mut Outgoing)) -> BindingDigest {
    let mut outgoing = outgoing();
    change(&mut outgoing);
    digest_of(&FACTS, &http(&DELETE, outgoing), Effect::Destroy, 0)
}

#[test]
fn approval_is_bound_to_the_download_file() {
    use crate::call::downloads::Downloads;
    use crate::common::caller::{Caller, Channel};
    use crate::common::environment::Environment;
    static GET: v1::Tool = v1::Tool::new("get", "GET", "/", |_, _| Ok(())).effect(Effect::Read);
    let folder = tempfile::tempdir().unwrap();
    let allowed = folder.path().display().to_string();
    let downloads = Downloads::of("shop", &Environment::of([("SHOP_DOWNLOADS", allowed)]));
    let downloads = downloads.of_caller(&Caller::local(Channel::Stdio));
    let digest = |arguments: serde_json::Value| {
        let mut prepared = http(&DELETE, outgoing());
        if let Prepared::Http(prepared) = &mut prepared {
            prepared.save = downloads.take(&GET, &mut arguments.as_object().cloned().unwrap()).unwrap();
        }
        digest_of(&FACTS, &prepared, Effect::Destroy, 0)
    };
    let approved = digest(json!({ "save_to": "a" }));
    assert_eq!(approved, digest(json!({ "save_to": "a" })));
    for other in [json!({}), json!({ "save_to": "b" }), json!({ "save_to": "a", "save_over": true })] {
        assert_ne!(approved, digest(other));
    }
}

#[test]
fn approval_does_not_cover_a_changed_request() {
    let approved = of_request(|_| {});
    assert_eq!(approved, of_request(|_| {}));
    let open = |text: &str| Text::Open(text.to_owned());
    type Change = fn(&mut Outgoing);
    let changes: [(&str, Change); 9] = [
        ("method", |it| it.method = "PUT".into()),
        ("host", |it| it.url = "https://api.example.org/books/1".to_owned()),
        ("path", |it| it.url = "https://api.example.com/books/2".to_owned()),
        ("socket", |it| it.socket = Some("/run/shop.sock".into())),
        ("no query", |it| it.query.clear()),
        ("no header", |it| it.headers.clear()),
        ("no cookie", |it| it.cookies.clear()),
        ("file bytes", |it| it.body = Some(Bytes::from("fild").into())),
        ("no body", |it| it.body = None),
    ];
    for (what, change) in changes {
        assert_ne!(approved, of_request(change), "{what}");
    }
    for (at, list) in [(0, "query"), (1, "header"), (2, "cookie")] {
        let changed = of_request(|it| {
            [&mut it.query, &mut it.headers, &mut it.cookies][at][0].value = open("other");
        });
        assert_ne!(approved, changed, "{list}");
    }
    // An empty body and a missing body have different digests.
    assert_ne!(of_request(|it| it.body = Some(Bytes::new().into())), of_request(|it| it.body = None),);
}

#[test]
fn approval_does_not_depend_on_the_credential() {
    let authenticated = |secret: &str| {
        of_request(|it| {
            let secret = Secret::new(secret.to_owned());
            it.authenticate((jackfield_recipe::Location::Header, "authorization"), "Bearer ", secret);
        })
    };
    assert_eq!(authenticated("a"), authenticated("b"));
    assert_eq!(authenticated("a"), of_request(|_| {}));
}

#[test]
fn approval_does_not_cover_another_caller_another_tool_or_other_rules() {
    let of = |facts: BindingFacts<'_>| digest_of(&facts, &http(&DELETE, outgoing()), Effect::Destroy, 0);
    let approved = of(FACTS);
    for (what, facts) in [
        ("principal", BindingFacts { principal: "token:b", ..FACTS }),
        ("connector", BindingFacts { connector: "shop2", ..FACTS }),
        ("mode", BindingFacts { mode: AskMode::Writes, ..FACTS }),
        ("rights", BindingFacts { rights: Some(2), ..FACTS }),
        ("no rights", BindingFacts { rights: None, ..FACTS }),
        ("lifetime", BindingFacts { lifetime: 60, ..FACTS }),
        ("files", BindingFacts { files: Some([0; 32]), ..FACTS }),
    ] {
        assert_ne!(approved, of(facts), "{what}");
    }
    for (what, tool) in [("title", &RETITLED), ("schema", &OTHER_INPUT)] {
        assert_ne!(approved, digest_of(&FACTS, &http(tool, outgoing()), Effect::Destroy, 0), "{what}");
    }
    let delete = http(&DELETE, outgoing());
    assert_ne!(approved, digest_of(&FACTS, &delete, Effect::Write, 0), "effect");
    assert_ne!(approved, digest_asked(&FACTS, &delete, Effect::Destroy, 0, Ask::Always), "choice");
}

#[test]
fn approval_of_a_custom_tool_ends_if_arguments_name_or_schema_change() {
    let of = |prepared: &Prepared, arguments| digest_of(&FACTS, prepared, Effect::Destroy, arguments);
    let approved = of(&code(|_| {}), 0);
    assert_eq!(approved, of(&code(|_| {}), 0));
    assert_ne!(approved, of(&code(|_| {}), 1), "arguments");
    assert_ne!(approved, of(&code(|it| it.name.push('2')), 0), "name");
    assert_ne!(approved, of(&code(|it| it.input.push(' ')), 0), "schema");
}
