//! Tests the questions of `jackfield new` at a terminal.

use jackfield_testkit::Terminal;

use super::*;

fn start(place: &Place, words: &[&str]) -> Terminal {
    let mut command = place.command();
    command.args(words).env("NO_COLOR", "1");
    Terminal::start(command).unwrap()
}

fn answer(terminal: &mut Terminal, answers: &[(&str, &str)]) {
    for (question, answer) in answers {
        terminal.wait_for(question).unwrap();
        terminal.type_line(answer).unwrap();
    }
}

#[test]
fn answers_to_questions_of_new_become_lines_of_connector_toml() {
    let place = Place::with("bookshop.yaml");
    let mut terminal = start(&place, &["new", "bookshop.yaml"]);
    answer(
        &mut terminal,
        &[
            ("selectors such as `GET /orders*`, separated by commas [all]:", "9"),
            ("9 is not one of the numbers 1 to 3", "tag:boks"),
            ("did you mean `tag:books`?", "1, placeOrder, orders"),
            ("A number [3]:", ""),
            ("separated by commas [1]:", "destroy, placeOrder"),
            ("Credential `bookshopToken`: bearer", ""),
            ("The new folder [bookshop]:", "desk"),
        ],
    );
    let (status, shown) = terminal.finish().unwrap();
    assert!(status.success(), "{shown}");
    for fact in ["15 operations as tools", "books  (", "remove_book, cancel_order", "set BOOKSHOP_TOKEN"] {
        assert!(shown.contains(fact), "no {fact}\n{shown}");
    }
    let text = place.read("desk/connector.toml");
    for line in [
        "include = [\"tag:books\", \"placeOrder\", \"tag:orders\"]",
        "\"effect:destroy\" = \"always\"\nplaceOrder = \"always\"",
        "name = \"bookshop\"",
    ] {
        assert!(text.contains(line), "no {line}\n{text}");
    }
}

#[test]
fn documented_session_of_new_equals_a_real_session() {
    let block = block("console");
    let (command, session) = block.split_once('\n').unwrap();
    let place = Place::with("bookshop.yaml");
    let words: Vec<&str> = command.strip_prefix("$ jackfield ").unwrap().split(' ').collect();
    let mut terminal = start(&place, &words);
    for line in session.lines() {
        if let Some((question, answer)) = line.split_once("]:") {
            terminal.wait_for(&format!("{question}]:")).unwrap();
            terminal.type_line(answer.trim()).unwrap();
        }
    }
    let (status, shown) = terminal.finish().unwrap();
    assert!(status.success(), "{shown}");
    // On a slow machine, a progress bar appears and is removed again.
    let plain =
        |line: &str| line.trim_end().rsplit('\r').next().unwrap().trim_start_matches("\u{1b}[2K").to_owned();
    let shown: Vec<String> = shown.lines().map(plain).collect();
    crate::shown::compare(command, session, &shown.join("\n"));
}

#[test]
fn enter_accepts_the_default_of_every_question() {
    let place = Place::with("bookshop.yaml");
    place.done(&["new", "bookshop.yaml", "--out", "piped"]);
    let mut terminal = start(&place, &["new", "bookshop.yaml"]);
    let questions = ["[all]:", "[3]:", "[1]:", "[bookshop]:", "The new folder [bookshop]:"];
    answer(&mut terminal, &questions.map(|question| (question, "")));
    let (status, shown) = terminal.finish().unwrap();
    assert!(status.success(), "{shown}");
    assert_eq!(place.read("bookshop/connector.toml"), place.read("piped/connector.toml"));
}

#[test]
fn new_asks_no_question_if_options_answer_all() {
    let place = Place::with("bookshop.yaml");
    let words = ["new", "bookshop.yaml", "--include", "*", "--effects", "destroy", "--ask", "destroy"];
    let (status, shown) =
        start(&place, &[&words[..], &["--name", "shop", "--out", "a"]].concat()).finish().unwrap();
    assert!(status.success() && !shown.contains("[all]"), "{shown}");
    let (status, shown) = start(&place, &["new", "bookshop.yaml", "--yes"]).finish().unwrap();
    assert!(status.success() && !shown.contains("[all]"), "{shown}");
}

#[test]
fn end_of_input_or_interrupt_leaves_no_files_behind() {
    for is_interrupt in [false, true] {
        for answers in 0..5 {
            let place = Place::with("bookshop.yaml");
            let mut terminal = start(&place, &["new", "bookshop.yaml"]);
            let questions = ["[all]:", "[3]:", "[1]:", "[bookshop]:", "The new folder [bookshop]:"];
            answer(&mut terminal, &questions.map(|question| (question, ""))[..answers]);
            terminal.wait_for(questions[answers]).unwrap();
            if is_interrupt {
                let id = terminal.id().to_string();
                assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
            } else {
                terminal.end_input().unwrap();
            }
            let (status, shown) = terminal.finish().unwrap();
            assert!(!status.success(), "{shown}");
            assert!(is_interrupt || shown.contains("nothing was written"), "{shown}");
            assert_eq!(place.files(), ["bookshop.yaml"]);
        }
    }
}

#[test]
fn new_without_a_document_asks_for_operations_one_by_one() {
    let place = Place::new();
    let mut terminal = start(&place, &["new", "shop", "--base-url", "https://api.example.com"]);
    answer(
        &mut terminal,
        &[
            ("Method and path, such as GET /books/{bookId}:", ""),
            ("a connector needs at least one operation", "FETCH /x"),
            ("`FETCH` is not one of the methods", "get /books"),
            ("NAME:integer:", "q limit:int"),
            ("`int` is not a type", "q limit:integer"),
            ("What does it do:", ""),
            ("write a sentence about", "Find books"),
            ("Next method and path, or Enter:", "GET /books"),
            ("there is an operation GET /books already", "POST /orders"),
            ("NAME:integer:", "book!"),
            ("What does it do:", "Place an order"),
            ("Next method and path, or Enter:", ""),
            ("separated by commas [2]:", "writes"),
            ("A number, header:NAME or query:NAME [1]:", "header:"),
            ("does not say which header contains the key", "bearer"),
            ("The name of the connector [shop]:", ""),
            ("The new folder [shop]:", ""),
        ],
    );
    let (status, shown) = terminal.finish().unwrap();
    assert!(status.success(), "{shown}");
    let text = place.read("shop/connector.toml");
    for line in ["type = \"bearer\"", "\"effect:write\" = \"always\""] {
        assert!(text.contains(line), "no {line}\n{text}");
    }
    assert!(place.read("shop/openapi.yaml").contains("summary: \"Place an order\""));
}
