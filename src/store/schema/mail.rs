//! Mails, and who was told what.

diesel::table! {
    mails (id) {
        id -> BigInt,
        account_id -> BigInt,
        kind -> Text,
        to_name -> Text,
        to_address -> Text,
        subject -> Text,
        body_text -> Text,
        body_html -> Text,
        message_id -> Text,
        state -> Text,
        attempts -> BigInt,
        next_attempt_at -> Timestamp,
        claimed_by -> Nullable<Text>,
        last_error -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        sent_at -> Nullable<Timestamp>,
        to_holder -> Bool,
        uninvited -> Bool,
        waits_until -> Nullable<Timestamp>,
    }
}

diesel::table! {
    reminders (certificate_id, year, deadline, stage) {
        certificate_id -> BigInt,
        year -> BigInt,
        deadline -> Date,
        stage -> BigInt,
        outcome -> Text,
        approved -> BigInt,
        pending -> BigInt,
        required -> BigInt,
        evaluated_on -> Date,
        evaluated_at -> Timestamp,
        mail_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    minimums_reached (certificate_id, year) {
        certificate_id -> BigInt,
        year -> BigInt,
        mail_id -> BigInt,
        reached_at -> Timestamp,
    }
}

diesel::table! {
    friendly_reminders (certificate_id, year, sent_on) {
        certificate_id -> BigInt,
        year -> BigInt,
        sent_on -> Date,
        holder_id -> BigInt,
        mail_id -> BigInt,
        sent_by -> BigInt,
        sent_at -> Timestamp,
    }
}

diesel::table! {
    year_notices (certificate_id, year, mail_id) {
        certificate_id -> BigInt,
        year -> BigInt,
        mail_id -> BigInt,
    }
}

diesel::table! {
    grants_told (mail_id) {
        mail_id -> BigInt,
        certificate_id -> BigInt,
    }
}

diesel::table! {
    bounces (id) {
        id -> BigInt,
        mail_id -> BigInt,
        account_id -> BigInt,
        address -> Text,
        words -> Text,
        noted_by -> Nullable<BigInt>,
        noted_at -> Timestamp,
        confirmed_at -> Nullable<Timestamp>,
        resolved_at -> Nullable<Timestamp>,
        resolution -> Nullable<Text>,
    }
}

diesel::table! {
    holder_mail_holds (id) {
        id -> BigInt,
        held_at -> Nullable<Timestamp>,
        held_by -> Nullable<BigInt>,
        ended_at -> Nullable<Timestamp>,
        ended_by -> Nullable<BigInt>,
        discarded -> Nullable<BigInt>,
    }
}

diesel::table! {
    verdicts_told (mail_id, activity_id) {
        mail_id -> BigInt,
        activity_id -> BigInt,
        kind -> Text,
        reason_code -> Nullable<Text>,
        reason -> Text,
        credits -> Nullable<BigInt>,
        awarded -> Nullable<BigInt>,
        was_approved -> Bool,
        told_before -> Bool,
    }
}

diesel::table! {
    mail_holds (id) {
        id -> BigInt,
        backup_made_at -> Timestamp,
        held_at -> Timestamp,
        last_mail -> BigInt,
        ended_at -> Nullable<Timestamp>,
        ended_by -> Nullable<BigInt>,
        discarded -> Nullable<BigInt>,
    }
}

diesel::table! {
    discarded_mails (mail_id) {
        mail_id -> BigInt,
        discarded_at -> Timestamp,
    }
}
