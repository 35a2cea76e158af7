# Every command of a checkout. Each makes the environment it needs by itself; the second start takes seconds.
.DEFAULT_GOAL := help
.PHONY: help demo test check policy docs env dev-env clean

DEMO_FLAGS ?= --out outputs/demo
TEST_FLAGS ?=

help:  ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | awk -F '\t' '{ printf "make %-8s %s\n", $$1, $$2 }'

demo: env  ## run the robot in simulation through ROS 2 and write outputs/demo/report.html
	@.venv/bin/sovereign-robot demo $(DEMO_FLAGS)

test: dev-env  ## run every test; a test that is skipped without need fails the run
	@.venv-dev/bin/python -m pytest --refuse-skips $(TEST_FLAGS)

check: dev-env  ## style, types and the direction of dependencies
	@.venv-dev/bin/ruff check .
	@.venv-dev/bin/ruff format --check .
	@.venv-dev/bin/mypy
	@.venv-dev/bin/lint-imports

policy: dev-env  ## make the shipped policy again: demonstrations, training, export
	@PATH="$(CURDIR)/.venv-dev/bin:$$PATH" tools/make_policy

docs: dev-env  ## write docs/tasks.md and its pictures again from the tasks
	@.venv-dev/bin/python tools/make_task_pages.py

env:  ## the light run-time environment (.venv), without torch
	@tools/setup_env .venv ros

dev-env:  ## the environment of developers and of training (.venv-dev)
	@tools/setup_env .venv-dev ros,train,peers,test,dev,viz,scale,language

clean:  ## remove the environments and everything that commands wrote
	rm -rf .venv .venv-dev build install log outputs sovereign_robot.egg-info
