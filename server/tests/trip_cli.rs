//! `wutong trip solve`, as somebody types it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    io::Write,
    process::{Command, Stdio},
};

use serde_json::Value;

/// Three places on a line and one too far off; one tour from 0 to 60.
const TOPTW: &str = "1 1 4 0\n0 0\n\
    0 0 0 0 0 0 0 0 60\n\
    1 10 0 5 10 1 1 1 0 60\n\
    2 20 0 5 20 1 1 1 0 60\n\
    3 0 10 5 7 1 1 1 0 8\n\
    4 500 0 5 99 1 1 1 0 60\n";

/// One day from weekday 6 on; place 2 is closed on it.
const TTDP: &str = "20 1 6 2 0 0 0 0 0 0 0 0 0 0 0 0\n\
    0 0 0 0 0 0 100\n\
    1 10 0 10 5 1 0 99 0 99 0 99 0 99 0 99 0 99 0 99 1\n\
    2 10 0 10 8 1 0 99 0 99 0 99 0 99 0 99 0 99 0 0 1\n";

fn run(arguments: &[&str], input: &str) -> (bool, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_wutong"))
        .args(["trip", "solve"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Who refuses the arguments reads nothing.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.success(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn solved(arguments: &[&str], input: &str) -> Value {
    let (is_well, output, said) = run(arguments, input);
    assert!(is_well, "{said}");
    serde_json::from_str(&output).unwrap()
}

#[test]
fn the_public_forms_are_solved() {
    // Out to 20 and back is 40, and two visits take 10; place 3 closes before it could be reached.
    let answer = solved(
        &["-", "--format", "toptw", "--seconds", "0.1", "--seed", "3"],
        TOPTW,
    );
    assert_eq!(
        (answer["profit"].as_f64(), answer["seed"].as_u64()),
        (Some(30.0), Some(3))
    );
    assert_eq!(answer["tours"].as_array().unwrap().len(), 1);
    let left: Vec<i64> = answer["left_out"]
        .as_array()
        .unwrap()
        .iter()
        .map(|left| left["id"].as_i64().unwrap())
        .collect();
    assert_eq!(left, [3, 4]);
    let two = solved(
        &["-", "--format", "toptw", "--teams", "2", "--seconds", "0.1"],
        TOPTW,
    );
    assert_eq!(two["tours"].as_array().unwrap().len(), 2);
    let trip = solved(&["-", "--format", "ttdp", "--seconds", "0.1"], TTDP);
    assert_eq!(
        (
            trip["profit"].as_f64(),
            trip["tours"][0]["weekday"].as_u64()
        ),
        (Some(5.0), Some(6))
    );
}

#[test]
fn a_file_of_json_is_solved_and_options_replace_what_it_says() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("week.json");
    let problem = r#"{"teams": 1, "start": "合肥", "days": ["2026-07-06"], "seconds": 100, "seed": 1,
        "places": [{"id": 1, "city": "南京", "value": 3.5}, {"id": 2, "city": "乌鲁木齐", "value": 9}]}"#;
    std::fs::write(&file, problem).unwrap();
    let answer = solved(
        &[file.to_str().unwrap(), "--seconds", "0.1", "--seed", "5"],
        "",
    );
    assert_eq!(
        (answer["profit"].as_f64(), answer["seed"].as_u64()),
        (Some(3.5), Some(5))
    );
    assert_eq!(answer["left_out"][0]["candidate_id"], 2);
    assert!(
        answer["left_out"][0]["reason"]["too_far"].is_object(),
        "{answer}"
    );
}

#[test]
fn what_is_no_problem_is_said_where() {
    for (arguments, input, said) in [
        (&["-"][..], "{", "EOF"),
        (
            &["-"],
            "{\"days\": [\"2026-07-06\"], \"teams\": 1, \"places\": [], \"start\": \"合肥\"}",
            "no candidate",
        ),
        (
            &["-"],
            "{\"days\": [\"2026-07-06\"], \"teams\": 1, \"places\": [], \"start\": \"无此城\"}",
            "start",
        ),
        (
            &["-"],
            "{\"days\": [\"2026-07-06\"], \"teams\": 1, \"places\": [], \"strat\": \"合肥\"}",
            "strat",
        ),
        (
            &["-", "--format", "toptw"],
            "1 1 4 0\n0 0\n0 0 0 x 0 0 0 0 60\n",
            "line 3",
        ),
        (
            &["-", "--format", "toptw", "--seconds", "0"],
            TOPTW,
            "second",
        ),
        (&["-", "--format", "ttdp", "--teams", "99"], TTDP, "team"),
        (&["nowhere.json"], "", "nowhere.json"),
    ] {
        let (is_well, _, error) = run(arguments, input);
        assert!(!is_well, "{arguments:?}");
        assert!(error.contains(said), "{arguments:?}: {error}");
        assert!(!error.contains("panicked"), "{error}");
    }
}
