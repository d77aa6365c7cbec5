//! `demo`

use std::ops::ControlFlow;

use super::error::{CliError, CliResult};
use super::serve::{Doors, serve};
use super::{progress, startup};
use crate::actions::badges::signing::sign_due_lists;
use crate::config::{Config, Settings};
use crate::demo::{DemoError, Watching, fill};
use crate::jobs::delivery::deliver;
use crate::portal::Portal;

/// Fills an empty data folder with a demonstration body, prints its sign-ins, and serves.
pub(super) fn run(settings: &Settings, holders: usize) -> CliResult {
    let config = startup::config(settings)?;
    let not_empty = std::fs::read_dir(&config.data).is_ok_and(|mut entries| entries.next().is_some());
    if not_empty {
        let message = format!(
            "The data folder {} is not empty. A demonstration needs an empty one, such as --data demo.",
            config.data.display()
        );
        return Err(CliError::Usage(message));
    }
    let doors = Doors::open(&config)?;
    serve(filled(config, holders)?, doors)
}

fn filled(config: Config, holders: usize) -> Result<Portal, CliError> {
    let portal = startup::portal_of(config)?;
    let bar = progress::items(0);
    let mut watching = Watching {
        deliver: &mut |past| deliver(past, &mut || ControlFlow::Continue(())).map(|_| ()),
        progress: &mut |done, all| progress::show(&bar, done, all),
    };
    let sign_ins = fill(&portal, holders, &mut watching);
    bar.finish_and_clear();
    let sign_ins = sign_ins.map_err(|error| match error {
        DemoError::NotEmpty => CliError::Usage(format!("{error}.")),
        _ => CliError::Failed(format!("The demonstration could not be made: {error}")),
    })?;
    // its last event lies a few days back, and no list of badges may look as if nobody had signed it since
    sign_due_lists(&portal)
        .map_err(|error| CliError::Failed(format!("The status lists could not be signed: {error}")))?;
    for sign_in in &sign_ins {
        say!("{} {} {}", sign_in.role.code(), sign_in.email, sign_in.password);
    }
    for sign_in in &sign_ins {
        remark!("{} ({}): {}", sign_in.email, sign_in.name, sign_in.situation);
    }
    Ok(portal)
}
