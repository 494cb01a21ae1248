"""Pictures that fail today, each a defect that is known: see docs/limits.md."""

UNSOUND = frozenset(
    [
        "test_rerun.py::test_an_exception_kept_by_the_kernel",
        "test_sessions.py::test_a_session[ipython-cd_dash]",
        "test_sessions.py::test_a_session[ipython-rerun]",
        "test_sessions.py::test_a_session[ipython-who_ls]",
        "test_sessions.py::test_a_session[reported-arr_release]",
        "test_sessions.py::test_a_session[reported-datetime_iso]",
        "test_sessions.py::test_a_session[reported-ipm_capture_expr]",
        "test_sessions.py::test_a_session[reported-ipm_display_id]",
        "test_sessions.py::test_a_session[reported-ipm_display_none]",
        "test_sessions.py::test_a_session[reported-ipm_formatter]",
        "test_sessions.py::test_a_session[reported-ipm_hist_file]",
        "test_sessions.py::test_a_session[reported-ipm_rerun_range]",
        "test_sessions.py::test_a_session[reported-ipm_save_run]",
        "test_sessions.py::test_a_session[reported-ipm_underscore_func]",
        "test_sessions.py::test_a_session[reported-partial_mod]",
        "test_sessions.py::test_a_session[reported-pd_idx_freq]",
        "test_sessions.py::test_a_session[reported-prune_source]",
        "test_sessions.py::test_a_session[reported-shown_by_its_rich_representation]",
        "test_sessions.py::test_a_session[surroundings-lib_container_func]",
    ]
)
"""The program runs, or does not, and gives another value."""

TOO_LARGE = frozenset(
    [
        "test_basic.py::test_a_dead_branch_does_not_bring_its_inputs",
        "test_basic.py::test_with_several_managers",
        "test_class.py::test_a_descriptor_keeps_values_elsewhere",
        "test_class.py::test_a_method_added_later",
        "test_class.py::test_an_iterator_class_in_use",
        "test_class.py::test_changing_the_class_of_an_instance",
        "test_class.py::test_operators_that_change_their_operand",
        "test_compact.py::test_a_nested_with_and_for",
        "test_compact.py::test_a_with_block_with_noise",
        "test_dynamic.py::test_a_function_found_by_its_name_in_a_dictionary_of_globals",
        "test_dynamic.py::test_eval_with_its_own_names",
        "test_element.py::test_a_function_reads_one_key_of_its_argument",
        "test_element.py::test_equal_keys_of_different_types",
        "test_environment.py::test_warnings_recorded_in_a_block",
        "test_file.py::test_carried_by[shell command]",
        "test_file.py::test_carried_by[subprocess]",
        "test_function.py::test_map_and_filter_are_lazy_over_a_global",
        "test_import.py::test_a_module_attribute_set_before_a_from_import",
        "test_import.py::test_an_optional_import_that_fails",
        "test_mutation.py::test_a_deleted_name_uncovers_the_builtin",
        "test_mutation.py::test_adding_to_a_dictionary_in_a_loop_over_another",
        "test_numpy.py::test_vectorized_state",
        "test_realistic.py::test_a_database_session",
        "test_realistic.py::test_a_simulation_with_parameters_in_a_dictionary",
        "test_realistic.py::test_an_analysis_of_sales",
        "test_realistic.py::test_text_features_and_a_classifier",
        "test_rerun.py::test_a_failing_try_that_raises_again",
        "test_sklearn.py::test_an_own_estimator_with_needed_and_unneeded_methods",
    ]
)
"""The value is right and a statement could go."""
