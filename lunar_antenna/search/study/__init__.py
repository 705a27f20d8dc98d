"""What a study is: file, plan, goals, scenarios, stages, samplers, trials."""
