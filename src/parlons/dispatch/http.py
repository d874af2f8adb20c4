"""Dispatch's part of /api/v1, as one router: work (http_work.py), the floor (http_floor.py), skills (http_skills.py)."""

from fastapi import APIRouter

from parlons.dispatch import http_floor, http_skills, http_work

router = APIRouter()
router.include_router(http_work.router)
router.include_router(http_floor.router)
router.include_router(http_skills.router)
