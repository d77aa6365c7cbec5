-- Everything that the baseline made. The functions take the triggers along that call them.
DROP FUNCTION
    refuse(), is_corrected(BIGINT), is_ending(BIGINT), is_of_its_holder(BIGINT, BIGINT), leave_form_token(), know_holder(),
    know_report() CASCADE;
DROP FUNCTION whole_words(TEXT), begun_words(TEXT), words_in(TEXT);
DROP TABLE
    report_search_reach, report_search, holder_search, database_marks, data_check_findings, data_checks,
    import_problems, setup, kept_figures, leases, job_runs, notices_about_years, verdicts_told, grants_told,
    holder_mail_holds, mail_holds, mail_pauses, bounce_mailboxes, delivery_reports, bounces, discarded_mails, mails,
    assignments, acquaintances, staff_notes, asked_reports, answers, questions, canned_answers, appeal_outcomes,
    message_files, messages, conversations, evidence, year_counts, prepared_rejections, prepared_words, review_claims,
    corrections, reviews, remarks, form_keys, draft_texts, activity_versions, activities, badge_sharing, status_lists,
    signed_badges, badges, held_flags, certificate_corrections, endings, decisions, certification_years, bare_numbers,
    certificates, policies, certifications, field_neighbours, fields, history, visits, sent_forms, parked_forms,
    calendar_feeds, sign_in_failures, past_sessions, sessions, tokens, accounts;
