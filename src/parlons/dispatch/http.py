"""Dispatch's part of /api/v1, as one router: work (http_work.py) and the floor (http_floor.py)."""

from fastapi import APIRouter

from parlons.dispatch import http_floor, http_work

router = APIRouter()
router.include_router(http_work.router)
router.include_router(http_floor.router)
