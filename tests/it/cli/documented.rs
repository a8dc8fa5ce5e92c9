//! Every command has help, an example, and a line in the README.

use clap::Command;

use crate::support::dps::Dps;

fn readme() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap()
}

fn walk(command: &Command, path: &str, into: &mut Vec<(String, Command)>) {
    let mut leaves = true;
    for sub in command
        .get_subcommands()
        .filter(|sub| sub.get_name() != "help")
    {
        leaves = false;
        walk(sub, &format!("{path} {}", sub.get_name()), into);
    }
    if leaves {
        into.push((path.to_owned(), command.clone()));
    }
}

#[test]
fn every_command_has_help_an_example_and_a_line_in_the_readme() {
    let readme = readme();
    let mut commands = Vec::new();
    walk(&dps::cli::command(), "dps", &mut commands);
    assert!(commands.len() >= 8);
    for (path, command) in commands {
        assert!(command.get_about().is_some(), "{path} has no help");
        let example = command
            .get_after_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        assert!(example.contains(&path), "{path} has no example");
        assert!(
            readme.contains(&format!("`{path}")),
            "{path} is not in the README"
        );
        for argument in command
            .get_arguments()
            .filter(|argument| !argument.is_hide_set())
        {
            assert!(
                argument.get_help().is_some(),
                "{path}: {} has no help",
                argument.get_id()
            );
        }
    }
}

#[test]
fn the_first_example_of_the_readme_is_what_the_program_prints() {
    let ran = Dps::new()
        .run(["series", "005930", "2016", "2020", "--sandbox"])
        .exits(0);
    assert!(
        readme().contains(&ran.stdout),
        "not in the README:\n{}",
        ran.stdout
    );
}

#[test]
fn the_split_of_the_readme_is_what_the_program_prints_once_the_newest_report_was_read() {
    let dps = Dps::new();
    dps.run(["series", "005930", "--from", "2016", "--sandbox"])
        .exits(0);
    let ran = dps
        .run(["series", "005930", "2017", "2019", "--sandbox"])
        .exits(0);
    assert!(
        readme().contains(&ran.stdout),
        "not in the README:\n{}",
        ran.stdout
    );
}

#[test]
fn no_option_takes_the_key() {
    let mut commands = Vec::new();
    walk(&dps::cli::command(), "dps", &mut commands);
    for (path, command) in commands {
        for argument in command.get_arguments() {
            let name = argument.get_id().as_str();
            assert!(!name.contains("key"), "{path} has an option {name}");
        }
    }
}
