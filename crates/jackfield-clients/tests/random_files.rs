//! Tests with random files that have comments, commas, line breaks and entries in any order.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

use std::fs;

use jackfield_clients::{Client, ClientFile, Place, Server, Start, Undone, Variable, entry};
use proptest::prelude::*;

/// Generates white space, comments and line breaks between two tokens.
fn gap() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => Just(String::new()),
        3 => Just("\n  ".to_owned()),
        2 => Just(" ".to_owned()),
        1 => Just("\t".to_owned()),
        1 => Just("// {\"a\": 1},\n".to_owned()),
        1 => Just("/* } , \" */".to_owned()),
        1 => Just("\r\n".to_owned()),
    ];
    prop::collection::vec(piece, 0..3).prop_map(|pieces| pieces.concat())
}

fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("1".to_owned()),
        Just("null".to_owned()),
        Just(r#""a // b""#.to_owned()),
        Just(r#""\" , }""#.to_owned()),
        Just("\"é\"".to_owned()),
    ]
}

/// Generates an object with these members, with or without a trailing comma.
fn object(members: Vec<(String, String)>) -> impl Strategy<Value = String> {
    let gaps = prop::collection::vec(gap(), members.len() * 4 + 2);
    (gaps, any::<bool>()).prop_map(move |(gaps, comma)| {
        let mut gaps = gaps.into_iter();
        let mut next = || gaps.next().unwrap_or_default();
        let mut text = "{".to_owned();
        for (at, (name, value)) in members.iter().enumerate() {
            let end = if at + 1 < members.len() || comma { "," } else { "" };
            text += &format!("{}\"{name}\"{}:{}{value}{}{end}", next(), next(), next(), next());
        }
        text + &next() + "}"
    })
}

fn members(names: &'static [&'static str]) -> impl Strategy<Value = Vec<(String, String)>> {
    let chosen = prop::sample::subsequence(names, 0..=names.len()).prop_shuffle();
    chosen.prop_flat_map(|names| {
        let values = prop::collection::vec(prop_oneof![3 => scalar(), 1 => object(Vec::new())], names.len());
        values.prop_map(move |values| names.iter().map(|name| (*name).to_owned()).zip(values).collect())
    })
}

fn file() -> impl Strategy<Value = String> {
    let servers = prop::option::of(members(&["x", "y", "z"]).prop_flat_map(object));
    (members(&["a", "b", "c"]), servers, any::<prop::sample::Index>())
        .prop_flat_map(|(mut members, servers, at)| {
            if let Some(servers) = servers {
                let at = at.index(members.len() + 1);
                members.insert(at, ("servers".to_owned(), servers));
            }
            (gap(), object(members), gap())
        })
        .prop_map(|(before, object, after)| format!("{before}{object}{after}"))
}

fn server(name: &str) -> Server {
    let token = Variable { name: "TOKEN".to_owned(), meaning: "a token".to_owned(), is_secret: true };
    let start =
        Start::Stdio { command: "shop".to_owned(), args: vec!["-x".to_owned()], variables: vec![token] };
    Server { name: name.to_owned(), start }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_files_keep_their_other_values_and_are_restored_by_undo(before in file()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mcp.json");
        fs::write(&path, &before).unwrap();
        let file = ClientFile::find(&Place::named(&path), folder.path().join("state")).unwrap();
        // `write` itself compares all other values, and refuses a file if another value would change.
        file.write(&entry(Client::VsCode, &server("shop")).unwrap(), false).unwrap();
        let once = fs::read_to_string(&path).unwrap();
        // Every comment of the file is kept.
        for comment in ["// {\"a\": 1},", "/* } , \" */"] {
            prop_assert_eq!(once.matches(comment).count(), before.matches(comment).count());
        }
        file.write(&entry(Client::VsCode, &server("other")).unwrap(), false).unwrap();
        prop_assert_eq!(file.undo(Client::VsCode, "shop").unwrap(), Undone::OnlyEntry);
        prop_assert_eq!(file.undo(Client::VsCode, "other").unwrap(), Undone::OnlyEntry);
        let left = fs::read_to_string(&path).unwrap();
        for comment in ["// {\"a\": 1},", "/* } , \" */"] {
            prop_assert_eq!(left.matches(comment).count(), before.matches(comment).count());
        }
        fs::write(&path, &before).unwrap();
        file.write(&entry(Client::VsCode, &server("shop")).unwrap(), false).unwrap();
        prop_assert_eq!(file.undo(Client::VsCode, "shop").unwrap(), Undone::Restored);
        prop_assert_eq!(fs::read_to_string(&path).unwrap(), before);
    }
}
